import { describe, expect, it } from 'vitest';
import type { Draft } from '../../src/domain/enricher.ts';
import { createLanguage } from '../../src/enrich/language.ts';
import { draft } from './judging.ts';

const language = async (text: string, facts: Partial<Draft> = {}, languages?: string[]) => {
  const [judged] = await createLanguage(languages).enrich([draft(text, facts)]);
  return judged!.language!;
};

describe('language', () => {
  it.each([
    ['en', 'The parcel arrived two days late and nobody told us why.'],
    ['ro', 'Coletul a ajuns cu două zile întârziere și nimeni nu ne-a spus de ce.'],
    ['it', 'Il pacco è arrivato con due giorni di ritardo e nessuno ci ha avvisati.'],
    ['pl', 'Paczka dotarła z dwudniowym opóźnieniem i nikt nam nic nie powiedział.'],
    ['fa', 'بسته با دو روز تاخیر رسید و هیچکس به ما خبر نداد.'],
    ['ar', 'وصل الطرد متأخرا يومين ولم يخبرنا أحد بالسبب.'],
    ['de', 'Das Paket kam zwei Tage zu spät und niemand hat uns Bescheid gesagt.'],
    ['fr', 'Le colis est arrivé avec deux jours de retard et personne ne nous a prévenus.'],
    ['es', 'El paquete llegó con dos días de retraso y nadie nos avisó.'],
  ])('tells %s', async (wanted, text) => expect((await language(text)).value).toBe(wanted));

  it('does not read addresses, handles and hashtags', async () => {
    const noise =
      ' https://example.org/das-ist-wirklich-sehr-schlecht @wirklichsehrschlecht #dasistnichtgut #niewiederkaufen';
    expect((await language(`The parcel was late again${noise}`)).value).toBe('en');
    expect((await language(noise)).value).toBeNull();
  });

  it.each([
    'Доставка была очень быстрой, спасибо большое',
    '配送がとても速かったです',
    'Kargo çok geç geldi ve ürün bozuktu, asla tavsiye etmem',
    '🙂 12',
    'ok',
    '',
  ])('is unsure of what it is not asked to tell: "%s"', async (text) =>
    expect((await language(text)).value).toBeNull(),
  );

  it('looks at the middle of a long text, where neither title nor signature stands', async () => {
    const title = 'Great product but bad support experience overall';
    const text =
      'Coletul a ajuns cu două zile întârziere și nimeni nu ne-a spus de ce. Am sunat de trei ori la firma de curierat și de fiecare dată mi-au promis că vine în aceeași zi. Abia după o săptămână l-am primit.';
    const signature = 'Sent from my phone with the best mail application for you';
    expect((await language(`${text}\n${signature}`, { title })).value).toBe('ro');
  });

  it('looks at all of a long text whose middle does not tell', async () => {
    const middle = ' 0123456789'.repeat(30);
    const [begin, end] = ['Paczka dotarła z dwudniowym', 'opóźnieniem i nikt nam nic nie powiedział.'];
    expect((await language(`${begin}${middle} ${end}`)).value).toBe('pl');
    expect((await language(`${begin}${'0'.repeat(400)}${end}`)).value).toBe('pl');
  });

  it('tells only the languages that it is given', async () => {
    const text = 'Das Paket kam zwei Tage zu spät und niemand hat uns Bescheid gesagt.';
    expect((await language(text, {}, ['en', 'pl'])).value).toBeNull();
  });

  it('tells Persian from Arabic by its letters', async () => {
    expect((await language('چک کن', {})).value).toBe('fa');
  });

  it('takes the declared language to break a tie, never against the text', async () => {
    const clear = 'The parcel arrived two days late and nobody told us why.';
    expect((await language(clear, { declaredLanguage: 'pl-PL' })).value).toBe('en');
    const short = 'super';
    const [declared, other] = [
      await language(short, { declaredLanguage: 'it' }),
      await language(short, { declaredLanguage: 'de' }),
    ];
    expect([declared.value, other.value]).toEqual(['it', 'de']);
  });
});
