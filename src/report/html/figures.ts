// The figures as files of their own, for papers.

import type { TextFile } from '../csv.ts';
import type { ArgueDocument } from '../documents.ts';
import { costFigure } from './cost.ts';
import { layerFigure } from './layer.ts';
import { ratesFigure } from './rates.ts';
import { asFile } from './svg.ts';
import { tradeFigure } from './trade.ts';
import { watchedFigure } from './watched.ts';

export function figureFiles(document: ArgueDocument): TextFile[] {
  const watched = document.watched.filter((row) => row.from === document.watched[0]?.from);
  const figures = [
    ...watched.map((row) => watchedFigure(row, watched)),
    ...(document.rates.length > 0 ? [ratesFigure(document)] : []),
    ...(document.layer.length > 0 ? [layerFigure(document)] : []),
    ...(document.cost.length > 0 ? [costFigure(document), tradeFigure(document)] : []),
  ];
  return figures.map((figure) => ({ name: `${figure.name}.svg`, text: asFile(figure) }));
}
