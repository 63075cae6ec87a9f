/** When a meeting is: day, time, in which time zone, how long, whether every week, and how many speakers are kept free. */
import { useMemo, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { Meeting, NewMeeting } from '../../../api/myRooms';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Picker } from '../../../ui/Picker';
import { Toggle } from '../../../ui/Toggle';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { lengthIn, nextHour, wallClock } from '../when';
import styles from './Rooms.module.css';

const LENGTHS = [15, 30, 45, 60, 90, 120, 180, 240];
const WEEKS_AHEAD = 8;

interface MeetingFormProps {
  /** What it was until now; null for a new one. */
  meeting: Meeting | null;
  /** Speakers that the machine carries; null where none can be asked for. */
  mostSpeakers: number | null;
  label: string;
  save: string;
  onCancel: () => void;
  /** Whatever it raises is said in the form. */
  onSave: (meeting: NewMeeting) => Promise<void>;
}

export function MeetingForm({ meeting, mostSpeakers, label, save, onCancel, onSave }: MeetingFormProps) {
  const { t, i18n } = useTranslation();
  const { busy, fault, run } = useAttempt();
  const [first] = useState(() => meeting ?? proposal());
  const zones = useMemo(() => timeZones(first.timeZone), [first]);
  const [zone, setZone] = useState(first.timeZone);
  const [day, setDay] = useState(first.startsLocal.slice(0, 10));
  const [time, setTime] = useState(first.startsLocal.slice(11, 16));
  const [minutes, setMinutes] = useState(String(first.minutes));
  const [weekly, setWeekly] = useState(first.weeklyUntil !== null);
  const [until, setUntil] = useState(first.weeklyUntil ?? weeksAfter(first.startsLocal.slice(0, 10)));
  const [slots, setSlots] = useState(String(first.slots ?? 0));
  const lengths = LENGTHS.includes(first.minutes) ? LENGTHS : [...LENGTHS, first.minutes].sort((one, other) => one - other);
  const untilWrong = weekly && until < day;
  const slotsWrong = mostSpeakers !== null && !(/^\d+$/.test(slots.trim()) && Number(slots) <= mostSpeakers);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!day || !time || untilWrong || slotsWrong) return;
    const wanted = { startsLocal: `${day}T${time.slice(0, 5)}`, timeZone: zone, minutes: Number(minutes), weeklyUntil: weekly ? until : null };
    void run(() => onSave({ ...wanted, ...(mostSpeakers === null ? {} : { slots: Number(slots) }) }));
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={label}>
      <FaultNotice fault={fault} />
      <div className={styles.pair}>
        <Field label={t('meetings.day')} type="date" value={day} onChange={setDay} fault={day ? null : t('meetings.dayMissing')} />
        <Field label={t('meetings.time')} type="time" value={time} onChange={setTime} fault={time ? null : t('meetings.timeMissing')} />
      </div>
      <div className={styles.pair}>
        <Picker
          label={t('meetings.length')}
          placeholder={t('meetings.length')}
          value={minutes}
          onChange={setMinutes}
          sections={[{ id: 'lengths', options: lengths.map((length) => ({ id: String(length), label: lengthIn(length, i18n.language) })) }]}
        />
        <Picker
          label={t('meetings.timeZone')}
          placeholder={t('meetings.timeZone')}
          value={zone}
          onChange={setZone}
          search={{ label: t('meetings.searchZone'), empty: t('meetings.noZone'), matches: (text, typed) => text.includes(typed.toLowerCase()) }}
          sections={zones.sections}
        />
      </div>
      <Toggle label={t('meetings.weekly')} isSelected={weekly} onChange={setWeekly} />
      {weekly ? (
        <Field
          label={t('meetings.until')}
          type="date"
          value={until}
          onChange={setUntil}
          fault={untilWrong ? t('meetings.untilWrong') : null}
        />
      ) : null}
      {mostSpeakers === null ? null : (
        <Field
          label={t('meetings.slots')}
          value={slots}
          onChange={setSlots}
          inputMode="numeric"
          maxLength={4}
          autoComplete="off"
          help={t('meetings.slotsHelp', { most: mostSpeakers })}
          fault={slotsWrong ? t('meetings.slotsWrong', { most: mostSpeakers }) : null}
        />
      )}
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {save}
        </Button>
      </div>
    </form>
  );
}

/** An hour from soon on, in the reader's own time zone. */
function proposal(): NewMeeting {
  const timeZone = ownTimeZone();
  const { day, time } = wallClock(nextHour(new Date()), timeZone);
  return { startsLocal: `${day}T${time}`, timeZone, minutes: 60, weeklyUntil: null };
}

function weeksAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00Z`) + WEEKS_AHEAD * 7 * 86_400_000).toISOString().slice(0, 10);
}

function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All time zones that the browser knows; its own and the chosen one first. */
function timeZones(chosen: string) {
  const near = [...new Set([chosen, ownTimeZone()])];
  const option = (zone: string) => {
    const label = zone.replaceAll('_', ' ');
    return { id: zone, label, searchText: label.toLowerCase() };
  };
  const others = Intl.supportedValuesOf('timeZone').filter((zone) => !near.includes(zone));
  return {
    sections: [
      { id: 'near', options: near.map(option) },
      { id: 'all', options: others.map(option) },
    ],
  };
}
