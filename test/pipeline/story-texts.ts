/** Five invented stories, each told in six languages: the same story in another language is another text. */
export const STORIES: Record<string, readonly string[]> = {
  en: [
    'The courier left my Velmora parcel in the rain on Tuesday although I was at home all day. The box was soaked through, the strings inside were rusty, and when I called they told me to write an e-mail and wait ten working days.',
    'Since the update last night the Larkspur app closes every time I try to pay for a ticket. I have reinstalled it twice, restarted the phone, and still I stand at the station and cannot buy anything.',
    'We stayed three nights at the Hollow Bay hotel near the harbour. The room smelled of smoke, the shower was cold after ten in the morning, and the man at the desk laughed when my wife asked for clean towels.',
    'Seven weeks ago I sent the broken kettle back and I am still waiting for my money. Every time I write, another person answers and asks for the same receipt that I have sent four times already.',
    'My daughter got the small Velmora guitar for her birthday and she has not put it down since. It stays in tune, the neck is smooth, and the shop in the old town even showed her the first chords for free.',
  ],
  ro: [
    'Curierul mi-a lăsat coletul Velmora în ploaie marți, deși am fost acasă toată ziua. Cutia era udă leoarcă, corzile dinăuntru ruginite, iar la telefon mi s-a spus să scriu un e-mail și să aștept zece zile lucrătoare.',
    'De la actualizarea de aseară, aplicația Larkspur se închide de fiecare dată când vreau să plătesc biletul. Am reinstalat-o de două ori, am repornit telefonul și tot stau în gară fără să pot cumpăra nimic.',
    'Am stat trei nopți la hotelul Hollow Bay de lângă port. Camera mirosea a fum, apa la duș era rece după ora zece, iar recepționerul a râs când soția mea a cerut prosoape curate.',
    'Acum șapte săptămâni am trimis înapoi fierbătorul stricat și încă îmi aștept banii. De câte ori scriu, îmi răspunde altcineva și cere aceeași chitanță pe care am trimis-o deja de patru ori.',
    'Fata mea a primit chitara mică Velmora de ziua ei și de atunci nu o mai lasă din mână. Rămâne acordată, gâtul e neted, iar magazinul din centrul vechi i-a arătat gratuit primele acorduri.',
  ],
  pl: [
    'Kurier zostawił we wtorek moją paczkę Velmora na deszczu, chociaż cały dzień byłem w domu. Karton przemókł na wylot, struny w środku zardzewiały, a przez telefon kazali mi napisać maila i czekać dziesięć dni roboczych.',
    'Od wczorajszej aktualizacji aplikacja Larkspur zamyka się za każdym razem, gdy próbuję zapłacić za bilet. Instalowałem ją dwa razy od nowa, uruchomiłem telefon ponownie i dalej stoję na dworcu i nic nie mogę kupić.',
    'Spędziliśmy trzy noce w hotelu Hollow Bay przy porcie. W pokoju śmierdziało dymem, prysznic po dziesiątej był zimny, a pan z recepcji śmiał się, kiedy żona poprosiła o czyste ręczniki.',
    'Siedem tygodni temu odesłałam zepsuty czajnik i nadal czekam na pieniądze. Za każdym razem odpisuje ktoś inny i prosi o ten sam paragon, który wysłałam już cztery razy.',
    'Córka dostała na urodziny małą gitarę Velmora i od tamtej pory nie wypuszcza jej z rąk. Dobrze trzyma strój, gryf jest gładki, a w sklepie na starówce pokazali jej za darmo pierwsze akordy.',
  ],
  it: [
    'Martedì il corriere ha lasciato il mio pacco Velmora sotto la pioggia anche se sono stato a casa tutto il giorno. La scatola era fradicia, le corde dentro arrugginite e al telefono mi hanno detto di scrivere una mail e aspettare dieci giorni lavorativi.',
    "Dall'aggiornamento di ieri sera l'app Larkspur si chiude ogni volta che provo a pagare il biglietto. L'ho reinstallata due volte, ho riavviato il telefono e sono ancora qui in stazione senza poter comprare niente.",
    "Siamo stati tre notti all'hotel Hollow Bay vicino al porto. La camera puzzava di fumo, la doccia era fredda dopo le dieci e il signore alla reception ha riso quando mia moglie ha chiesto degli asciugamani puliti.",
    "Sette settimane fa ho rispedito il bollitore rotto e sto ancora aspettando i miei soldi. Ogni volta che scrivo mi risponde un'altra persona e mi chiede la stessa ricevuta che ho già mandato quattro volte.",
    'Mia figlia ha ricevuto la chitarra piccola Velmora per il compleanno e da allora non la molla più. Resta accordata, il manico è liscio e il negozio del centro storico le ha mostrato gratis i primi accordi.',
  ],
  fa: [
    'پیک روز سه‌شنبه بسته ولمورای من را زیر باران گذاشت، با اینکه تمام روز خانه بودم. جعبه کاملاً خیس شده بود، سیم‌های داخلش زنگ زده بودند و وقتی زنگ زدم گفتند ایمیل بزن و ده روز کاری صبر کن.',
    'از به‌روزرسانی دیشب برنامه لارکسپر هر بار که می‌خواهم پول بلیت را بدهم بسته می‌شود. دو بار دوباره نصبش کردم، گوشی را خاموش و روشن کردم و هنوز توی ایستگاه ایستاده‌ام و نمی‌توانم چیزی بخرم.',
    'سه شب در هتل هالوبی نزدیک بندر ماندیم. اتاق بوی دود می‌داد، دوش بعد از ساعت ده سرد بود و مردی که پشت میز نشسته بود وقتی همسرم حوله تمیز خواست خندید.',
    'هفت هفته پیش کتری خراب را پس فرستادم و هنوز منتظر پولم هستم. هر بار که می‌نویسم یک نفر دیگر جواب می‌دهد و همان رسیدی را می‌خواهد که تا حالا چهار بار فرستاده‌ام.',
    'دخترم برای تولدش گیتار کوچک ولمورا گرفت و از آن روز زمینش نگذاشته است. کوکش خوب می‌ماند، دسته‌اش صاف است و مغازه مرکز شهر قدیم اولین آکوردها را مجانی یادش داد.',
  ],
  ar: [
    'ترك المندوب طرد فيلمورا الخاص بي تحت المطر يوم الثلاثاء مع أنني كنت في البيت طوال اليوم. كان الصندوق مبللاً تماماً والأوتار في داخله صدئة، وعندما اتصلت قالوا لي اكتب رسالة وانتظر عشرة أيام عمل.',
    'منذ تحديث الليلة الماضية يغلق تطبيق لاركسبر في كل مرة أحاول فيها دفع ثمن التذكرة. أعدت تثبيته مرتين وأعدت تشغيل الهاتف وما زلت واقفاً في المحطة ولا أستطيع شراء أي شيء.',
    'أقمنا ثلاث ليال في فندق هولو باي قرب الميناء. كانت رائحة الغرفة دخاناً والماء في الحمام بارداً بعد العاشرة صباحاً، وضحك الرجل في الاستقبال عندما طلبت زوجتي مناشف نظيفة.',
    'قبل سبعة أسابيع أعدت الغلاية المعطلة وما زلت أنتظر نقودي. كلما كتبت لهم أجابني شخص آخر وطلب مني الإيصال نفسه الذي أرسلته أربع مرات من قبل.',
    'حصلت ابنتي على جيتار فيلمورا الصغير في عيد ميلادها ولم تتركه من يدها منذ ذلك اليوم. يبقى مضبوطاً والعنق أملس، حتى إن المحل في البلدة القديمة علمها أولى النغمات مجاناً.',
  ],
};

/** What feeds put below whatever they pass on. */
const FOOTERS: Record<string, string> = {
  en: 'This post first appeared on the Daily Harbour board. Read more reviews and share your own.',
  ro: 'Articolul a apărut prima dată pe Portul Zilei. Citește mai multe păreri și scrie-o pe a ta.',
  pl: 'Wpis ukazał się najpierw w Porcie Dnia. Przeczytaj więcej opinii i dodaj własną.',
  it: 'Il testo è uscito prima sul Porto del Giorno. Leggi altre opinioni e scrivi la tua.',
  fa: 'این متن نخست در بندر روز منتشر شد. نظرهای بیشتر را بخوانید و نظر خود را بنویسید.',
  ar: 'نشر هذا النص أولاً في ميناء اليوم. اقرأ المزيد من الآراء واكتب رأيك.',
};

const words = (text: string) => text.split(' ');

/** What becomes of a text on its way through feeds and hands: it stays the same story. */
export const COPIES: Record<string, (text: string, language: string) => string> = {
  verbatim: (text) => text,
  'passed on': (text) => `RT @harbour_news: ${text}`,
  'with a link': (text) => `${text} https://news.example.com/a/7731?utm_source=feed`,
  'link and credit before': (text) => `https://example.org/p/1 via @someone ${text}`,
  quoted: (text) => `“${text}”`,
  'cut at 60 %': (text) => `${text.slice(0, Math.round(text.length * 0.6))}…`,
  'cut at 45 %': (text) => `${text.slice(0, Math.round(text.length * 0.45))}…`,
  'beginning lost': (text) => words(text).slice(6).join(' '),
  footer: (text, language) => `${text}\n\n${FOOTERS[language]}`,
  'cut, with a footer': (text, language) => `${text.slice(0, Math.round(text.length * 0.8))}… ${FOOTERS[language]}`,
  shouted: (text) => text.toUpperCase(),
  'other marks': (text) => text.replaceAll(/[.,،]/g, ' – ').replaceAll('ی', 'ي').replaceAll('ک', 'ك').normalize('NFD'),
  'one word changed': (text) => words(text).with(9, 'xxxx').join(' '),
  hashtags: (text) => `${text} #velmora #service #2026`,
};

/** What is not the same story, although it has much of it. */
export const OTHERS: Record<string, (text: string, language: string) => string> = {
  'answered at length': (text) =>
    `${text} ${Array.from({ length: 5 * words(text).length }, (_, index) => `${text.slice(0, 9).replaceAll(' ', '')}${index}`).join(' ')}`,
  'every third word another': (text) =>
    words(text)
      .map((word, index) => (index % 3 === 0 ? `w${index}` : word))
      .join(' '),
  'half of it, then something else': (text) => {
    const all = words(text);
    return [
      ...all.slice(0, Math.floor(all.length * 0.4)),
      ...all.map((_, index) => `o${index}`).slice(0, Math.ceil(all.length * 0.6)),
    ].join(' ');
  },
};

/** What many people say in just these words. */
export const GENERIC = [
  'Great!',
  'Mulțumesc',
  'Mulțumesc frumos, recomand!',
  'very good product i am happy with it',
  'Dziękuję bardzo',
  'ممنون از شما',
  'شكرا جزيلا لكم',
  'Ottimo servizio, consigliato',
  '👍👍👍',
  'The delivery was fast and the product is good',
  'good good good good good good good good good good good good good good good good',
];
