/** Everybody's tiles: all alike, or one large with the others beside it; a shared screen is always large. */
import { ChevronLeft, ChevronRight, LoaderCircle } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Choices, RoomInfo } from '../../../api/types';
import { audienceOf, reachOf, withheldOf } from '../../../call/audience';
import type { CallState, Person } from '../../../call/callState';
import { IconButton } from '../../../ui/Button';
import { voicePlaying } from '../../../call/voices';
import { PHONE, useMediaQuery } from '../../../ui/useMediaQuery';
import { Video } from '../../../ui/Video';
import { useShownNames } from '../../people/names';
import { bestGrid, pagesOf } from '../gridLayout';
import { useInterpreting } from '../hooks/useInterpreting';
import styles from './Stage.module.css';
import { Tile } from './Tile';
import type { TileActions } from './TileMenu';

const GAP = 12;
const PER_PAGE = 9;
const PER_PAGE_PHONE = 6;

interface StageProps {
  state: CallState;
  choices: Choices;
  room: RoomInfo;
  view: 'grid' | 'speaker';
  actions: TileActions;
  /** Stands in the grid while nobody else is there. */
  alone: ReactNode;
}

export function Stage({ state, choices, room, view, actions, alone }: StageProps) {
  const { people } = state;
  const { shown } = useShownNames(state);
  const interpreting = useInterpreting(state, room);
  if (people.length === 0) return <Joining />;
  const sharing = people.find((person) => person.screen && !person.isLocal) ?? people.find((person) => person.screen);
  const pinned = people.find((person) => person.identity === actions.pinned);
  const others = people.filter((person) => !person.isLocal);
  const speaker = others.find((person) => person.identity === state.activeSpeaker) ?? others[0];
  const large = pinned ?? (view === 'speaker' ? speaker : undefined);
  const tileOf = (person: Person) => (
    <Tile
      key={person.identity}
      person={person}
      shown={shown(person.name)}
      voice={person.isLocal ? null : voicePlaying(state.notices, person.identity, choices)}
      reach={person.isLocal ? 'same' : reachOf(person, choices, interpreting)}
      audience={person.isLocal ? audienceOf(person, others, interpreting) : null}
      withheld={person.isLocal ? withheldOf(person, others, interpreting) : null}
      actions={actions}
    />
  );
  if (sharing?.screen && !pinned) {
    return (
      <Split large={<SharedScreen person={sharing} shown={shown(sharing.name)} />} small={people.map(tileOf)} />
    );
  }
  if (large && people.length > 1) {
    const rest = people.filter((person) => person !== large);
    return <Split large={tileOf(large)} small={rest.map(tileOf)} />;
  }
  // The largest group last: one's own tile is the least interesting.
  return <GridOf tiles={[...others, ...people.filter((person) => person.isLocal)].map(tileOf)} alone={others.length === 0 ? alone : null} />;
}

/** Until it is known who is there. */
function Joining() {
  const { t } = useTranslation();
  return (
    <div className={styles.joining}>
      <LoaderCircle aria-hidden />
      <p>{t('call.connecting')}</p>
    </div>
  );
}

function GridOf({ tiles, alone }: { tiles: ReactNode[]; alone: ReactNode }) {
  const { t } = useTranslation();
  const phone = useMediaQuery(PHONE);
  const [page, setPage] = useState(0);
  const pages = pagesOf(tiles, phone ? PER_PAGE_PHONE : PER_PAGE);
  const shown = pages[Math.min(page, pages.length - 1)] ?? [];
  const count = shown.length + (alone ? 1 : 0);
  const place = useTileSize(count);
  return (
    <div className={styles.stage}>
      <ul className={styles.grid} ref={place} aria-label={t('call.stage')}>
        {shown}
        {alone ? <li className={styles.alone}>{alone}</li> : null}
      </ul>
      {pages.length > 1 ? (
        <nav className={styles.pager}>
          <IconButton label={t('call.previous')} icon={<ChevronLeft aria-hidden />} isDisabled={page === 0} onPress={() => setPage(page - 1)} />
          <span>{t('call.page', { page: Math.min(page, pages.length - 1) + 1, pages: pages.length })}</span>
          <IconButton label={t('call.next')} icon={<ChevronRight aria-hidden />} isDisabled={page >= pages.length - 1} onPress={() => setPage(page + 1)} />
        </nav>
      ) : null}
    </div>
  );
}

function Split({ large, small }: { large: ReactNode; small: ReactNode[] }) {
  const { t } = useTranslation();
  const place = useTileSize(1);
  return (
    <div className={styles.split}>
      <ul className={styles.large} ref={place} aria-label={t('call.stage')}>
        {large}
      </ul>
      <ul className={styles.strip} aria-label={t('call.people')}>
        {small}
      </ul>
    </div>
  );
}

function SharedScreen({ person, shown }: { person: Person; shown: string }) {
  const { t } = useTranslation();
  if (!person.screen) return null;
  const label = person.isLocal ? t('call.youShare') : t('call.sharesScreen', { name: shown });
  return (
    <li className={styles.screen} aria-label={label}>
      <Video source={person.screen} whole />
      <p className={styles.screenName}>{label}</p>
    </li>
  );
}

/** Tells the tiles inside how large they are, whenever the place for them changes. */
function useTileSize(count: number) {
  const element = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const list = element.current;
    if (!list) return;
    const fit = () => {
      const { columns, width, height } = bestGrid(count, list.clientWidth, list.clientHeight, GAP);
      list.style.setProperty('--row-width', `${columns * (width + GAP) - GAP}px`);
      list.style.setProperty('--tile-width', `${width}px`);
      list.style.setProperty('--tile-height', `${height}px`);
    };
    const observer = new ResizeObserver(fit);
    observer.observe(list);
    fit();
    return () => observer.disconnect();
  }, [count]);
  return element;
}
