/** Tells the captions how many columns fit into their place, whenever that changes. */
import { useEffect, useRef } from 'react';

import type { CallSession } from '../../../call/callState';
import type { CaptionSize } from '../../../call/preferences';

export const CAPTION_PX: Record<CaptionSize, number> = { S: 18, M: 22, L: 30 };
const MAX_COLUMNS = 56;
const MIN_COLUMNS = 12;
/** Mean width of a letter of the page's font, in ems, with a little to spare. */
const COLUMN_EM = 0.56;
const PADDING_PX = 32;

export function columnsFor(widthPx: number, fontPx: number): number {
  const fit = Math.floor((widthPx - PADDING_PX) / (fontPx * COLUMN_EM));
  return Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, fit));
}

export function useColumns(session: CallSession, size: CaptionSize) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = element.current;
    if (!place) return;
    const measure = () => session.captions.setColumns(columnsFor(place.clientWidth, CAPTION_PX[size]));
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    measure();
    return () => observer.disconnect();
  }, [session, size]);
  return element;
}
