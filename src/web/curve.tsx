import { EMOTIONS } from '../journey/emotion.ts';
import type { StageChange, Trend } from '../journey/compare.ts';
import type { StageTally } from '../journey/map.ts';
import { RECENT_DAYS } from './page-data.ts';
import { label, mentionCount, moodClass, moodText, signed } from './words.ts';

interface Props {
  stages: readonly StageTally[];
  changes: readonly StageChange[];
}

interface Point {
  stage: StageTally;
  /** Net sentiment of the recent days; `null` where too little was said. */
  recent: number | null;
  trend: Trend;
  x: number;
  y: number;
}

/** How customers feel from stage to stage: once for wide screens, once, turned upright, for narrow ones. */
export function EmotionCurve({ stages, changes }: Props) {
  const told = stages.map((stage) => `${stage.name}: ${moodText(stage)}, ${mentionCount(stage.count)}`).join('; ');
  return (
    <figure class="curve">
      <WideCurve stages={stages} changes={changes} title={told} />
      <TallCurve stages={stages} changes={changes} title={told} />
      <figcaption>
        <span class="key-line" aria-hidden="true"></span> Net sentiment: share positive − share negative.{' '}
        <span class="key-ring" aria-hidden="true"></span> Last {RECENT_DAYS} days.
      </figcaption>
    </figure>
  );
}

const WIDE = { width: 1200, height: 326, left: 120, top: 36, plot: 220 };

function WideCurve({ stages, changes, title }: Props & { title: string }) {
  const step = (WIDE.width - WIDE.left) / stages.length;
  const yOf = (value: number) => round(WIDE.top + ((1 - value) / 2) * WIDE.plot);
  const points = pointsOf(stages, changes, (index, value) => ({ x: WIDE.left + step * (index + 0.5), y: yOf(value) }));
  return (
    <svg class="wide-only" viewBox={`0 0 ${WIDE.width} ${WIDE.height}`} role="img" aria-label={title}>
      {EMOTIONS.map((emotion, index) => {
        const y = yOf(-0.8 + index * 0.4);
        return (
          <>
            <line class={index === 2 ? 'axis' : 'grid'} x1={WIDE.left} x2={WIDE.width} y1={y} y2={y} />
            <text class="axis-label" x={WIDE.left - 14} y={y + 5} text-anchor="end">
              {label(emotion)}
            </text>
          </>
        );
      })}
      <path class="line" d={smooth(points, 'x')} />
      {points.map((point) => (
        <>
          {point.recent === null ? null : (
            <circle class={`ring ring-${point.trend}`} cx={point.x} cy={yOf(point.recent)} r="11" />
          )}
          <Dot point={point} valueX={point.x} valueY={point.y + (isRingAhead(point) ? 28 : -18)} />
          <text class="stage-label" x={point.x} y={WIDE.top + WIDE.plot + 34} text-anchor="middle">
            {point.stage.name}
          </text>
          <text class="axis-label" x={point.x} y={WIDE.top + WIDE.plot + 56} text-anchor="middle">
            {mentionCount(point.stage.count)}
          </text>
        </>
      ))}
    </svg>
  );
}

/** The value then stands on the other side of the dot, so that the ring does not cover it. */
function isRingAhead({ recent, stage }: Point): boolean {
  return recent !== null && recent >= (stage.netSentiment ?? 0);
}

const TALL = { width: 360, row: 70, left: 24, plot: 312 };

function TallCurve({ stages, changes, title }: Props & { title: string }) {
  const xOf = (value: number) => round(TALL.left + ((value + 1) / 2) * TALL.plot);
  const height = stages.length * TALL.row + 34;
  const points = pointsOf(stages, changes, (index, value) => ({ x: xOf(value), y: index * TALL.row + 48 }));
  const ends = [
    { x: TALL.left, anchor: 'start', word: EMOTIONS[0] },
    { x: xOf(0), anchor: 'middle', word: EMOTIONS[2] },
    { x: TALL.left + TALL.plot, anchor: 'end', word: EMOTIONS[4] },
  ];
  return (
    <svg class="narrow-only" viewBox={`0 0 ${TALL.width} ${height}`} role="img" aria-label={title}>
      <line class="axis" x1={xOf(0)} x2={xOf(0)} y1={30} y2={height - 28} />
      <path class="line" d={smooth(points, 'y')} />
      {points.map((point, index) => (
        <>
          <text class="stage-label" x={0} y={index * TALL.row + 20}>
            {point.stage.name}
          </text>
          <text class="axis-label" x={TALL.width} y={index * TALL.row + 20} text-anchor="end">
            {mentionCount(point.stage.count)}
          </text>
          {point.recent === null ? null : (
            <circle class={`ring ring-${point.trend}`} cx={xOf(point.recent)} cy={point.y} r="11" />
          )}
          <Dot point={point} valueX={point.x + valueSide(point) * 38} valueY={point.y + 5} />
        </>
      ))}
      {ends.map(({ x, anchor, word }) => (
        <text class="axis-label" x={x} y={height - 6} text-anchor={anchor}>
          {label(word)}
        </text>
      ))}
    </svg>
  );
}

/** −1 = left. Where the dot stands at an edge there is room on one side only. */
function valueSide(point: Point): number {
  if (point.x < TALL.left + 50) return 1;
  return isRingAhead(point) || point.x > TALL.left + TALL.plot - 50 ? -1 : 1;
}

function Dot({ point: { stage, x, y }, valueX, valueY }: { point: Point; valueX: number; valueY: number }) {
  return (
    <>
      <circle class={`dot ${moodClass(stage)}`} cx={x} cy={y} r="7" />
      <text class="value" x={valueX} y={valueY} text-anchor="middle">
        {stage.netSentiment === null ? '–' : signed(stage.netSentiment)}
      </text>
    </>
  );
}

function pointsOf(
  stages: readonly StageTally[],
  changes: readonly StageChange[],
  at: (index: number, value: number) => { x: number; y: number },
): Point[] {
  return stages.map((stage, index) => {
    const change = changes[index];
    const trend = change?.trend ?? 'thin';
    const recent = change && trend !== 'thin' ? change.now.netSentiment : null;
    const { x, y } = at(index, stage.netSentiment ?? 0);
    return { stage, recent, trend, x, y };
  });
}

/** A line through the points of stages of which something was said, without overshooting any of them. */
function smooth(points: readonly Point[], along: 'x' | 'y'): string {
  const known = points.filter(({ stage }) => stage.netSentiment !== null);
  return known
    .map(({ x, y }, index) => {
      const from = known[index - 1];
      if (!from) return `M${round(x)} ${round(y)}`;
      const half = along === 'x' ? (from.x + x) / 2 : (from.y + y) / 2;
      const [first, second] =
        along === 'x'
          ? [
              [half, from.y],
              [half, y],
            ]
          : [
              [from.x, half],
              [x, half],
            ];
      return `C${[...first!, ...second!, x, y].map(round).join(' ')}`;
    })
    .join('');
}

const round = (value: number) => Math.round(value * 10) / 10;
