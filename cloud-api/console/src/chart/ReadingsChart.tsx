/** A curve of readings with its limits and instants marked. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Readings, Severity } from '../api/types';
import { clockTime, dateTime, quantity, unitText } from '../words/format';
import { useSpeech } from '../words/language';
import { valueRange, type TimeRange } from './frame';
import './chart.css';

export interface Limit {
  readonly value: number;
  readonly severity: Severity;
  readonly label: string;
}

export interface Instant {
  readonly atMs: number;
  readonly label: string;
}

interface ReadingsChartProps {
  readonly readings: Readings;
  readonly range: TimeRange;
  readonly limits: readonly Limit[];
  readonly instants: readonly Instant[];
  readonly label: string;
}

const HEIGHT_PX = 210;
const DAY_S = 86_400;

export function ReadingsChart({ readings, range, limits, instants, label }: ReadingsChartProps) {
  const { locale } = useSpeech();
  const scheme = useComputedColorScheme('light');
  const target = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);

  useEffect(() => {
    const node = target.current!;
    const ink = inks();
    const { points, unit } = readings;
    const data: uPlot.AlignedData = [
      points.map(({ at }) => Date.parse(at) / 1000),
      points.map(({ value }) => value),
      points.map(({ max }) => max),
      points.map(({ min }) => min),
    ];
    const seen = [...points.map(({ min }) => min), ...points.map(({ max }) => max)];
    const plot = new uPlot(
      {
        width: node.clientWidth, height: HEIGHT_PX, legend: { show: false }, padding: [10, 24, 0, 0],
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        scales: {
          x: { time: true, range: [range.fromMs / 1000, range.toMs / 1000] },
          y: { range: valueRange(seen, limits.map(({ value }) => value)) },
        },
        series: [
          {},
          { stroke: ink.curve, width: 1.6, points: { show: points.length < 40, size: 4, fill: ink.curve } },
          { stroke: 'transparent', points: { show: false } },
          { stroke: 'transparent', points: { show: false } },
        ],
        bands: [{ series: [2, 3], fill: ink.band }],
        axes: [
          { ...axis(ink), size: 30, space: 76, values: (_, ticks, __, ___, step) => ticks.map((tick) => tickTime(tick, step, locale)) },
          { ...axis(ink), size: 58, label: unitText(unit), labelSize: 16, labelFont: ink.font, labelGap: -4 },
        ],
        hooks: {
          draw: [(chart) => {
            limits.forEach((limit) => drawLimit(chart, limit, ink));
            instants.forEach((instant, i) => drawInstant(chart, instant, i, ink));
          }],
          setCursor: [(chart) => {
            const point = chart.cursor.idx === null || chart.cursor.idx === undefined ? undefined : points[chart.cursor.idx];
            readout.current!.textContent = point ? `${clockTime(locale, point.at)}  ${quantity(point.value, unit)}` : '';
          }],
        },
      },
      data,
      node,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: node.clientWidth, height: HEIGHT_PX }));
    observer.observe(node);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [readings, range, limits, instants, locale, scheme]);

  return (
    <figure className="chart" aria-label={label} data-testid="chart">
      <p ref={readout} className="chart__readout tabular" aria-hidden="true" />
      <div ref={target} className="chart__plot" style={{ height: HEIGHT_PX }} />
    </figure>
  );
}

interface Inks {
  readonly curve: string;
  readonly band: string;
  readonly grid: string;
  readonly text: string;
  readonly halo: string;
  readonly font: string;
  readonly of: (severity: Severity) => string;
}

function inks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  return {
    curve: color('--chosen-edge'), band: `${color('--chosen-edge')}2b`, grid: color('--line'), text: color('--text-muted'),
    halo: color('--panel'), font: '12px system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif',
    of: (severity) => color(`--sev-${severity.toLowerCase()}`),
  };
}

function axis({ grid, text, font }: Inks): uPlot.Axis {
  return { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } };
}

function tickTime(seconds: number, step: number, locale: string): string {
  if (step >= DAY_S) {
    return dateTime(locale, seconds * 1000).slice(0, 10);
  }
  const time = clockTime(locale, seconds * 1000);
  return step >= 60 ? time.slice(0, 5) : time;
}

function drawLimit(chart: uPlot, limit: Limit, ink: Inks): void {
  const { ctx, bbox } = chart;
  const y = Math.round(chart.valToPos(limit.value, 'y', true));
  ctx.save();
  ctx.strokeStyle = ink.of(limit.severity);
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  const above = y - 20 * devicePixelRatio > bbox.top;
  write(ctx, limit.label, bbox.left + 8 * devicePixelRatio, y + (above ? -8 : 17) * devicePixelRatio, 'left', ink);
  ctx.restore();
}

/** Labels stand one above the other, because onset and end may be close. */
function drawInstant(chart: uPlot, instant: Instant, index: number, ink: Inks): void {
  const { ctx, bbox } = chart;
  const x = Math.round(chart.valToPos(instant.atMs / 1000, 'x', true));
  if (x < bbox.left || x > bbox.left + bbox.width) {
    return;
  }
  ctx.save();
  ctx.strokeStyle = ink.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  write(ctx, instant.label, x + 5 * devicePixelRatio, bbox.top + bbox.height - (6 + 16 * index) * devicePixelRatio, 'left', ink);
  ctx.restore();
}

/** Within the plot and never over an axis, with a halo so that the curve does not cut through it. */
function write(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, align: CanvasTextAlign, ink: Inks): void {
  ctx.setLineDash([]);
  ctx.font = ink.font.replace('12px', `${12 * devicePixelRatio}px`);
  ctx.textAlign = align;
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = ink.halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink.text;
  ctx.fillText(text, x, y);
}
