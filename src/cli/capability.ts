// Prediction and observation of each directed act, side by side.

import type { Design } from '../faults/experiments.ts';
import { findPrediction, type Prediction } from '../faults/predict.ts';
import type { CapabilityRow, ExperimentRecord } from '../faults/records.ts';
import { sortBy } from '../faults/tally.ts';

/** The neighbour that a directed act was aimed at: `n` counts the guests other than the faulty one. */
function bystanderOf(design: Design, record: ExperimentRecord): string {
  return design.guests.filter((name) => name !== record.from)[record.n] ?? '';
}

export function predictionOf(
  design: Design,
  predictions: readonly Prediction[],
  record: ExperimentRecord,
): Prediction | undefined {
  return findPrediction(predictions, record.class, record.mode, record.from, bystanderOf(design, record));
}

/** MEM-2 before MEM-14. */
function naturalOrder(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.padStart(4, '0'));
}

/** A class without a prediction has no row. */
export function capabilityRows(
  design: Design,
  predictions: readonly Prediction[],
  records: readonly ExperimentRecord[],
): CapabilityRow[] {
  const rows = records.flatMap((record) => {
    const to = bystanderOf(design, record);
    const prediction = predictionOf(design, predictions, record);
    const outcome = record.outcome.bystanders.find(({ guest }) => guest === to);
    if (prediction === undefined || outcome === undefined) return [];
    const { fault, mode, from, mechanism: _expected, to: _to, ...predicted } = prediction;
    return [{ fault, mode, from, to, predicted, ...outcome.endpoints, mechanism: record.mechanism, replay: record.id }];
  });
  return sortBy(rows, (row) => [naturalOrder(row.fault), row.mode, row.from, row.to]);
}
