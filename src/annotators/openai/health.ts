import type { AnnotatorPorts } from '../../domain/annotator.ts';
import type { AppError } from '../../domain/errors.ts';

/** Faults in a row after which nothing is asked for a while, so that an endpoint that is away holds up nothing. */
const MAX_FAULTS = 3;
const PAUSE_MS = 60_000;

/** When the endpoint is to be left alone, and what whoever runs Earshot is told of it. */
export function createHealth({ now, log }: Pick<AnnotatorPorts, 'now' | 'log'>) {
  let faults = 0;
  let notBefore = 0;
  let toldDay = '';

  return {
    isPaused: () => now().getTime() < notBefore,
    noteAnswer(): void {
      faults = 0;
    },
    noteFault({ code, retry }: AppError): void {
      faults++;
      const asked = typeof retry === 'object' ? retry.afterMs : 0;
      const own = faults >= MAX_FAULTS ? PAUSE_MS : 0;
      notBefore = Math.max(notBefore, now().getTime() + Math.max(asked, own));
      log('warn', 'the annotator could not be asked; the built-in judges stand', { code, faults });
    },
    /** Told once a day. */
    noteSpent(): void {
      const day = now().toISOString().slice(0, 10);
      if (day === toldDay) return;
      toldDay = day;
      log('warn', 'the budget of the annotator is spent; the built-in judges go on alone', { day });
    },
  };
}
