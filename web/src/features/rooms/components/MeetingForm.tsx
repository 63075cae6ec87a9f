/** Plan a meeting: day, time, in which time zone, how long, and whether every week. */
import { useMemo, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { Meeting, MyRoom } from '../../../api/myRooms';
import { useServices } from '../../../services';
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
  room: MyRoom;
  onCancel: () => void;
  onPlanned: (meeting: Meeting) => void;
}

export function MeetingForm({ room, onCancel, onPlanned }: MeetingFormProps) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const { busy, fault, run } = useAttempt();
  const zones = useMemo(() => timeZones(), []);
  const [zone, setZone] = useState(zones.own);
  const [proposal] = useState(() => nextHour(new Date()));
  const [day, setDay] = useState(() => wallClock(proposal, zones.own).day);
  const [time, setTime] = useState(() => wallClock(proposal, zones.own).time);
  const [minutes, setMinutes] = useState('60');
  const [weekly, setWeekly] = useState(false);
  const [until, setUntil] = useState(() => wallClock(new Date(proposal.getTime() + WEEKS_AHEAD * 7 * 86_400_000), zones.own).day);
  const untilWrong = weekly && until < day;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!day || !time || untilWrong) return;
    const meeting = { startsLocal: `${day}T${time.slice(0, 5)}`, timeZone: zone, minutes: Number(minutes), weeklyUntil: weekly ? until : null };
    void run(async () => onPlanned(await api.addMeeting(room.id, meeting)));
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={t('meetings.plan')}>
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
          sections={[{ id: 'lengths', options: LENGTHS.map((length) => ({ id: String(length), label: lengthIn(length, i18n.language) })) }]}
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
      <div className={styles.buttons}>
        <Button onPress={onCancel}>{t('app.cancel')}</Button>
        <Button tone="primary" type="submit" isDisabled={busy}>
          {t('meetings.save')}
        </Button>
      </div>
    </form>
  );
}

/** All time zones that the browser knows, its own first. */
function timeZones() {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const option = (zone: string) => {
    const label = zone.replaceAll('_', ' ');
    return { id: zone, label, searchText: label.toLowerCase() };
  };
  const others = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== own);
  return {
    own,
    sections: [
      { id: 'own', options: [option(own)] },
      { id: 'all', options: others.map(option) },
    ],
  };
}
