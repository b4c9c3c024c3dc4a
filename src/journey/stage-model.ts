import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { NONE, OUTCOMES, STEPS, TOUCHPOINTS, TOUCHPOINT_GROUPS } from '../domain/journey.ts';
import type { Outcome, Step, TouchpointGroup } from '../domain/journey.ts';
import { UNKNOWN } from '../domain/query.ts';
import type { Place } from '../domain/query.ts';
import { didYouMean } from '../text/nearest.ts';

const ANYWHERE = [...TOUCHPOINTS, NONE, UNKNOWN] as const;
const GROUPS = Object.keys(TOUCHPOINT_GROUPS) as TouchpointGroup[];
const slug = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens');

const specificEntry = z.strictObject({
  step: z.enum(STEPS),
  /** Only where the customer met the brand at one of these; `none` and `unknown` may be named too. */
  touchpoints: z.array(z.enum(ANYWHERE)).min(1).optional(),
  /** Only where the touchpoint belongs to this group. */
  group: z.enum(GROUPS).optional(),
});

/**
 * A stage model as it is written in YAML. A plain step takes the whole step, less what a more specific entry
 * (with `touchpoints` or `group`) of the same step claims for its own stage.
 */
export const stageModelFile = z.strictObject({
  id: slug,
  name: z.string().min(1).max(100),
  stages: z
    .array(
      z.strictObject({
        id: slug,
        name: z.string().min(1).max(100),
        steps: z.array(z.union([z.enum(STEPS), specificEntry])).min(1),
        /** What the brand wants to reach here, in its own words. */
        goal: z.string().min(1).max(200).optional(),
        /** What customers should do here; read beside what they say that they did. */
        desired: z.array(z.enum(OUTCOMES)).min(1).optional(),
      }),
    )
    .min(1)
    .max(20),
});
type StageModelFile = z.infer<typeof stageModelFile>;
type Anywhere = (typeof ANYWHERE)[number];

/** A marketer's name for a set of places on the journey. */
export interface Stage {
  id: string;
  name: string;
  places: Place[];
  goal?: string | undefined;
  desired?: readonly Outcome[] | undefined;
}

/** An ordered division of the whole journey: every place belongs to exactly one stage. */
export interface StageModel {
  id: string;
  name: string;
  stages: Stage[];
}

/** The model that is meant where none is named. */
export const DEFAULT_MODEL = 'five-stage';

/**
 * Reads one parsed YAML file.
 * @param where Named in the problems, for instance the file.
 * @throws {AppError} `CONFIG_INVALID` with every problem at once, also as `details.problems`.
 */
export function readStageModel(value: unknown, where: string): StageModel {
  const parsed = stageModelFile.safeParse(value);
  if (!parsed.success)
    throw invalid(
      where,
      parsed.error.issues.map((issue) => tell(issue, value)),
    );
  const claims = claimsOf(parsed.data);
  const problems = [...repeated(parsed.data), ...claims.problems, ...gaps(claims.table)];
  if (problems.length > 0) throw invalid(where, problems);
  const stages = parsed.data.stages.map(({ steps: _steps, ...stage }) => ({
    ...stage,
    places: placesFor(stage.id, claims.table),
  }));
  return { id: parsed.data.id, name: parsed.data.name, stages };
}

/** Who claims what: step → touchpoint → stage id. */
type Table = Map<Step, Map<Anywhere, string>>;

function claimsOf(file: StageModelFile): { table: Table; problems: string[] } {
  const entries = file.stages.flatMap((stage) =>
    stage.steps.map((entry) => ({ stage: stage.id, ...(typeof entry === 'string' ? { step: entry } : entry) })),
  );
  const table: Table = new Map(STEPS.map((step) => [step, new Map()]));
  const problems: string[] = [];
  const plain = new Map<Step, string>();
  for (const { stage, step, touchpoints, group } of entries) {
    if (touchpoints && group) problems.push(`stage "${stage}", step "${step}": give touchpoints or group, not both`);
    const wanted = touchpoints ?? (group ? TOUCHPOINT_GROUPS[group] : undefined);
    if (wanted) problems.push(...claim(table.get(step)!, step, stage, wanted));
    else if (plain.has(step)) problems.push(`step "${step}" is in stage "${plain.get(step)}" and again in "${stage}"`);
    else plain.set(step, stage);
  }
  for (const [step, stage] of plain)
    for (const touchpoint of ANYWHERE) if (!table.get(step)!.has(touchpoint)) table.get(step)!.set(touchpoint, stage);
  return { table, problems };
}

function claim(row: Map<Anywhere, string>, step: Step, stage: string, wanted: readonly Anywhere[]): string[] {
  const taken = wanted.filter((touchpoint) => row.has(touchpoint));
  const problems = taken.map(
    (touchpoint) =>
      `step "${step}" at touchpoint "${touchpoint}" is in stage "${row.get(touchpoint)}" and again in "${stage}"`,
  );
  for (const touchpoint of wanted) if (!row.has(touchpoint)) row.set(touchpoint, stage);
  return problems;
}

function gaps(table: Table): string[] {
  return STEPS.flatMap((step) => {
    const missing = ANYWHERE.filter((touchpoint) => !table.get(step)!.has(touchpoint));
    if (missing.length === 0) return [];
    if (missing.length === ANYWHERE.length) return [`step "${step}" is in no stage`];
    return [`step "${step}" is in no stage where the touchpoint is ${missing.join(', ')}; add the plain step`];
  });
}

function repeated({ stages }: StageModelFile): string[] {
  const ids = stages.map(({ id }) => id);
  return ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `stage "${id}" is there twice`);
}

function placesFor(stage: string, table: Table): Place[] {
  return STEPS.flatMap((step): Place[] => {
    const touchpoints = ANYWHERE.filter((touchpoint) => table.get(step)!.get(touchpoint) === stage);
    if (touchpoints.length === 0) return [];
    return [touchpoints.length === ANYWHERE.length ? { step } : { step, touchpoints }];
  });
}

function tell(issue: z.core.$ZodIssue, value: unknown): string {
  const inner = innerIssue(issue);
  const path = [...issue.path, ...(inner === issue ? [] : inner.path)];
  const told = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const hint =
    inner.code === 'invalid_value' && typeof told === 'string' ? didYouMean(told, inner.values.map(String)) : '';
  return `${path.join('.') || 'the file'}: ${inner.message}${hint}`;
}

/** Of a step that is neither a name nor an entry, the problem of the form that was meant. */
function innerIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.flat();
  return branches.find((branch) => branch.path.length > 0) ?? branches[0] ?? issue;
}

function invalid(where: string, problems: string[]): AppError {
  return new AppError('CONFIG_INVALID', `${where}: ${problems.join('; ')}`, {
    fix: 'Map every step to exactly one stage; config/journeys/five-stage.yaml shows how.',
    details: { problems },
  });
}
