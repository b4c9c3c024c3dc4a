import { fold, terms } from './fold.ts';

/** What the words before a number say it is: a phone, a person's national id, or a thing such as an order. */
export type Subject = 'phone' | 'id' | 'thing';

/** Words of the languages we read; `*` stands for any ending. */
const WORDS: Record<Subject, string> = {
  phone: `tel phone* telefon* cell cellphone mobile mobil mobilul mob whatsapp wapp wp viber fax call dial ring sms text
    suna* sunati apelati contact* kontakt* zadzwo* dzwoni* kom komork* komorka rufen anruf* handy appelez chiama* cellulare
    llamar* llame movil portable
    تلفن* تماس موبایل* موبایلم همراه واتساپ واتس زنگ شمارهام شمارم هاتف* جوال* اتصل* اتصال رقمي للتواصل تواصل*`,
  id: `cnp pesel fiscale melli iqama emirates ملی هویت هوية هويتي إقامة إقامتي`,
  thing: `order orders awb track tracking ref reference invoice ticket case booking reservation pnr sku model serial serie
    seria imei isbn ean upc gtin barcode code article account contract* policy parcel shipment item
    comand* comenz* factur* bon bonul sesizar* tichet* rezervar* colet* cod codul dosar*
    ordine fattura prenotazione spedizione pacco biglietto codice articolo pratica
    zamowien* paczk* przesylk* faktur* rezerwacj* zgloszeni* bilet* kod konto umow*
    bestell* rechnung* sendung* pedido factura commande colis
    سفارش* رهگیری پیگیری فاکتور بلیط بلیت مرسوله رزرو قرارداد مدل بارکد سریال
    طلب* شحنة شحنتي تتبع فاتورة تذكرة حجز حجزي بلاغ موديل`,
};
const exact = new Map<string, Subject>();
const beginnings: [beginning: string, subject: Subject][] = [];
for (const [subject, words] of Object.entries(WORDS) as [Subject, string][])
  for (const word of words.split(/\s+/))
    if (word.endsWith('*')) beginnings.push([fold(word.slice(0, -1)), subject]);
    else exact.set(fold(word), subject);

/** Characters, and words, that are looked at before a number. */
const REACH = { characters: 48, words: 4 };

/** The nearest word before a place that says what the number there is. */
export function subjectBefore(text: string, at: number): Subject | undefined {
  const before = terms(text.slice(Math.max(0, at - REACH.characters), at)).slice(-REACH.words);
  for (const word of before.toReversed()) {
    const subject = subjectOf(word) ?? subjectOf(word.replace(ARTICLE, ''));
    if (subject !== undefined) return subject;
  }
  return undefined;
}

/** The Arabic article is written together with its noun. */
const ARTICLE = /^(?:و|ب|ل)?ال/;

function subjectOf(word: string): Subject | undefined {
  return exact.get(word) ?? beginnings.find(([beginning]) => word.startsWith(beginning))?.[1];
}
