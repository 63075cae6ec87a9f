/** A planned meeting, put at another time. */
import { useTranslation } from 'react-i18next';

import type { Meeting, NewMeeting } from '../../../api/myRooms';
import { Notice } from '../../../ui/Notice';
import { Sheet } from '../../../ui/Overlay';
import { MeetingForm } from './MeetingForm';

interface EditMeetingProps {
  /** Null: nothing is shown. */
  meeting: Meeting | null;
  mostSpeakers: number | null;
  onClose: () => void;
  onSave: (meeting: Meeting, wanted: NewMeeting) => Promise<void>;
}

export function EditMeeting({ meeting, mostSpeakers, onClose, onSave }: EditMeetingProps) {
  const { t } = useTranslation();
  return (
    <Sheet title={t('meetings.edit')} closeLabel={t('app.close')} isOpen={meeting !== null} onClose={onClose}>
      {meeting ? (
        <>
          {meeting.weeklyUntil ? <Notice tone="info">{t('meetings.editAllText')}</Notice> : null}
          <MeetingForm
            meeting={meeting}
            mostSpeakers={mostSpeakers}
            label={t('meetings.edit')}
            save={t('room.save')}
            onCancel={onClose}
            onSave={async (wanted) => {
              await onSave(meeting, wanted);
              onClose();
            }}
          />
        </>
      ) : null}
    </Sheet>
  );
}
