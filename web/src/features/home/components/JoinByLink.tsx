/** Join a call by its link, whatever of it was pasted. */
import { ArrowRight } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { roomOfLink } from '../links';
import styles from './Home.module.css';

export function JoinByLink({ onOpenRoom }: { onOpenRoom: (room: string) => void }) {
  const { t } = useTranslation();
  const [link, setLink] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const room = roomOfLink(link);
    setWrong(room === null);
    if (room) onOpenRoom(room);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field
        label={t('home.link')}
        placeholder={t('home.linkPlaceholder')}
        value={link}
        onChange={setLink}
        fault={wrong ? t('home.linkInvalid') : null}
        autoComplete="off"
        inputMode="url"
        action={
          <Button type="submit" icon={<ArrowRight aria-hidden />}>
            {t('home.join')}
          </Button>
        }
      />
    </form>
  );
}
