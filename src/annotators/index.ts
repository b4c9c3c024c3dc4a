import type { Annotator, AnnotatorKind, AnnotatorPorts } from '../domain/annotator.ts';
import { AppError } from '../domain/errors.ts';
import { onnx } from './onnx.ts';
import { openai } from './openai/index.ts';

/** Every kind of annotator. */
export const ANNOTATORS: readonly AnnotatorKind[] = [openai, onnx];

/** @throws AppError `CONFIG_INVALID` for a type that is not known, or what cannot be had here. */
export function openAnnotator(type: string, options: unknown, ports: AnnotatorPorts): Promise<Annotator> {
  const kind = ANNOTATORS.find((known) => known.type === type);
  if (kind) return kind.open(options, ports);
  throw new AppError('CONFIG_INVALID', `"${type}" is no type of annotator.`, {
    fix: `Use one of: ${ANNOTATORS.map((known) => known.type).join(', ')}.`,
  });
}
