/** What went wrong or just happened, at the top, until it is dismissed or done. */
import { useAudioPlayback } from '@livekit/components-react';
import { Volume2 } from 'lucide-react';
import { Trans, useTranslation } from 'react-i18next';

import type { CallSession, Hint } from '../../../call/callState';
import { Button } from '../../../ui/Button';
import { Notice } from '../../../ui/Notice';
import type { Practice } from '../hooks/usePractice';
import styles from './Hints.module.css';

interface HintsProps {
  session: CallSession;
  hints: readonly Hint[];
  practice: Practice;
  hostFailed: boolean;
  onHostSeen: () => void;
}

export function Hints({ session, hints, practice, hostFailed, onHostSeen }: HintsProps) {
  const { t } = useTranslation();
  const { canPlayAudio, startAudio } = useAudioPlayback(session.room);
  const close = { closeLabel: t('app.close') };
  return (
    <div className={styles.hints}>
      {canPlayAudio ? null : (
        <Notice
          tone="warning"
          action={
            <Button tone="primary" icon={<Volume2 aria-hidden />} onPress={() => void startAudio()}>
              {t('hint.playSound')}
            </Button>
          }
        >
          {t('hint.allowSound')}
        </Notice>
      )}
      {hints.map((hint) => (
        <Notice key={hint} tone="warning" action={<Remedy hint={hint} session={session} />} onClose={() => session.dismiss(hint)} {...close}>
          <HintText hint={hint} />
        </Notice>
      ))}
      {practice.failed ? (
        <Notice tone="warning" onClose={practice.forget} {...close}>
          {t('call.practiceFailed')}
        </Notice>
      ) : null}
      {hostFailed ? (
        <Notice tone="warning" onClose={onHostSeen} {...close}>
          {t('call.hostFailed')}
        </Notice>
      ) : null}
    </div>
  );
}

function HintText({ hint }: { hint: Hint }) {
  const { t } = useTranslation();
  switch (hint) {
    case 'device_refused':
    case 'share_failed':
    case 'share_lost':
    case 'camera_paused':
    case 'muted_by_host':
    case 'choice_failed':
    case 'withdrawal_waits':
      return t(`hint.${hint}`);
    case 'no_media':
      return <Trans i18nKey="hint.no_media" components={{ command: <code className={styles.command} /> }} />;
    default:
      return t(`device.${hint}`);
  }
}

/** The one thing to do, where it is one press. */
function Remedy({ hint, session }: { hint: Hint; session: CallSession }) {
  const { t } = useTranslation();
  const press = (label: string, onPress: () => void) => (
    <Button tone="quiet" onPress={onPress}>
      {label}
    </Button>
  );
  const again = (onPress: () => Promise<void>) =>
    press(t('app.tryAgain'), () => {
      session.dismiss(hint);
      void onPress();
    });
  if (hint === 'camera_paused') return press(t('hint.turnOn'), () => void session.setCamera(true));
  if (hint === 'share_lost') return press(t('hint.shareAgain'), () => void session.setScreenShare(true));
  if (hint === 'muted_by_host') return press(t('hint.turnOn'), () => void session.setMicrophone(true));
  if (hint.startsWith('microphone')) return again(() => session.setMicrophone(true));
  if (hint.startsWith('camera')) return again(() => session.setCamera(true));
  return null;
}
