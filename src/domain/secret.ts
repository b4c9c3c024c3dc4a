import { z } from 'zod';

/** Marks an option that must never be shown: it is redacted wherever options are printed. */
export const secret = () => z.string().min(1).meta({ secret: true });

export const REDACTED = '[secret]';

/** A copy of an option object with every declared secret replaced. */
export function redact(schema: z.ZodType, value: unknown): unknown {
  if (schema.meta()?.['secret'] === true) return value === undefined ? undefined : REDACTED;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return redact(schema.unwrap() as z.ZodType, value);
  if (!(schema instanceof z.ZodObject) || typeof value !== 'object' || value === null) return value;
  const shape = schema.shape as Record<string, z.ZodType>;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, shape[key] ? redact(shape[key], item) : item]),
  );
}
