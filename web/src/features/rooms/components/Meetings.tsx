/** The meetings planned in a room. */
import { CalendarArrowDown, CalendarDays, CalendarPlus, Pencil, Trash2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Meeting, MyRoom, NewMeeting } from '../../../api/myRooms';
import { useServices } from '../../../services';
import { Button, IconButton } from '../../../ui/Button';
import { download } from '../../../ui/download';
import { Question } from '../../../ui/Question';
import { Row, Rows } from '../../../ui/Rows';
import { Section } from '../../../ui/Section';
import { FaultNotice } from '../../shell/components/FaultNotice';
import { PartsList } from '../../shell/components/PartsList';
import { useAttempt } from '../../shell/hooks/useAttempt';
import { useParts } from '../../shell/hooks/useParts';
import { dayIn, lengthIn, momentIn } from '../when';
import { EditMeeting } from './EditMeeting';
import { MeetingForm } from './MeetingForm';

export function Meetings({ room }: { room: MyRoom }) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const meetings = useParts(useCallback((cursor: string | null) => api.meetings(room.id, cursor), [api, room.id]));
  const { busy, fault, run } = useAttempt();
  const [isPlanning, setPlanning] = useState(false);
  const [editing, setEditing] = useState<Meeting | null>(null);
  const [removing, setRemoving] = useState<Meeting | null>(null);
  const when = (meeting: Meeting) => momentIn(meeting.nextAt ?? meeting.startsAt, i18n.language);
  const add = async (wanted: NewMeeting) => {
    const made = await api.addMeeting(room.id, wanted);
    meetings.change((items) => [made, ...items]);
    setPlanning(false);
  };
  const edit = async ({ id }: Meeting, wanted: NewMeeting) => {
    const changed = await api.changeMeeting(room.id, id, wanted);
    meetings.change((items) => items.map((item) => (item.id === id ? changed : item)));
  };
  const remove = (meeting: Meeting) =>
    void run(async () => {
      await api.removeMeeting(room.id, meeting.id);
      meetings.change((items) => items.filter((item) => item.id !== meeting.id));
    });
  const save = (meeting: Meeting) => void run(async () => download(await api.calendarFile(room.id, meeting.id), 'meeting.ics'));
  const plan = isPlanning || !room.mayManage ? null : (
    <Button icon={<CalendarPlus aria-hidden />} onPress={() => setPlanning(true)}>
      {t('meetings.plan')}
    </Button>
  );
  return (
    <Section title={t('meetings.title')} text={t('meetings.text')} action={plan}>
      <FaultNotice fault={fault} />
      {isPlanning ? (
        <MeetingForm
          meeting={null}
          mostSpeakers={room.mostSlots}
          label={t('meetings.plan')}
          save={t('meetings.save')}
          onCancel={() => setPlanning(false)}
          onSave={add}
        />
      ) : null}
      {isPlanning && meetings.items.length === 0 ? null : (
        <PartsList parts={meetings} empty={{ icon: CalendarDays, title: t('meetings.empty'), text: t('meetings.emptyText') }}>
          {(items) => (
            <Rows label={t('meetings.title')}>
              {items.map((meeting) => (
                <Row
                  key={meeting.id}
                  icon={<CalendarDays aria-hidden />}
                  title={when(meeting)}
                  about={[
                    lengthIn(meeting.minutes, i18n.language),
                    meeting.weeklyUntil ? t('meetings.weeklyUntil', { day: dayIn(meeting.weeklyUntil, i18n.language) }) : t('meetings.once'),
                    meeting.nextAt ? t('meetings.zone', { zone: zoneName(meeting.timeZone) }) : t('meetings.over'),
                    meeting.slots > 0 ? t('meetings.keeps', { count: meeting.slots }) : null,
                  ]}
                  actions={
                    <>
                      <IconButton
                        label={t('meetings.calendar', { when: when(meeting) })}
                        icon={<CalendarArrowDown aria-hidden />}
                        isDisabled={busy}
                        placement="left"
                        onPress={() => save(meeting)}
                      />
                      {room.mayManage ? (
                        <>
                          <IconButton
                            label={t('meetings.editNamed', { when: when(meeting) })}
                            icon={<Pencil aria-hidden />}
                            isDisabled={busy}
                            placement="left"
                            onPress={() => setEditing(meeting)}
                          />
                          <IconButton
                            label={t('meetings.remove', { when: when(meeting) })}
                            icon={<Trash2 aria-hidden />}
                            isDisabled={busy}
                            placement="left"
                            onPress={() => setRemoving(meeting)}
                          />
                        </>
                      ) : null}
                    </>
                  }
                />
              ))}
            </Rows>
          )}
        </PartsList>
      )}
      <EditMeeting meeting={editing} mostSpeakers={room.mostSlots} onClose={() => setEditing(null)} onSave={edit} />
      <Question
        title={t('meetings.removeConfirm')}
        text={removing?.weeklyUntil ? t('meetings.removeAllText') : t('meetings.removeText')}
        yes={t('meetings.removeNow')}
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
        onYes={() => removing && remove(removing)}
      />
    </Section>
  );
}

function zoneName(zone: string): string {
  return zone.replaceAll('_', ' ');
}
