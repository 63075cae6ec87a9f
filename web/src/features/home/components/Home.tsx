/** The first page: start a call, or join one by its link. */
import { Video } from 'lucide-react';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Field } from '../../../ui/Field';
import { Notice } from '../../../ui/Notice';
import { Page } from '../../../ui/Page';
import { readHostPassword } from '../../../call/preferences';
import { ModelsDoor } from '../../models/components/ModelsDoor';
import { PageMenus } from '../../settings/components/PageMenus';
import { useCapabilities } from '../hooks/useCapabilities';
import { useStartCall } from '../hooks/useStartCall';
import { useFaultText } from '../../call/hooks/useFaultText';
import styles from './Home.module.css';
import { JoinByLink } from './JoinByLink';
import { WhatWorks } from './WhatWorks';

export function Home({ onOpenRoom }: { onOpenRoom: (room: string) => void }) {
  const { t } = useTranslation();
  const { capabilities, failed, reload } = useCapabilities();
  return (
    <Page name={t('app.name')} menus={<PageMenus />}>
      <Card>
        <div className={styles.words}>
          <h1>{t('home.title')}</h1>
          <p className={styles.lead}>{t('home.lead')}</p>
        </div>
        <Start needsPassword={capabilities?.hostPassword ?? false} onOpenRoom={onOpenRoom} />
        <p className={styles.or}>
          <span>{t('home.or')}</span>
        </p>
        <JoinByLink onOpenRoom={onOpenRoom} />
      </Card>
      <WhatWorks capabilities={capabilities} failed={failed} />
      {/* Who is asked for the password is not at the server's own machine. */}
      {capabilities && !capabilities.hostPassword ? <ModelsDoor onInUse={reload} /> : null}
    </Page>
  );
}

function Start({ needsPassword, onOpenRoom }: { needsPassword: boolean; onOpenRoom: (room: string) => void }) {
  const { t } = useTranslation();
  const { start, starting, fault } = useStartCall(onOpenRoom);
  const [password, setPassword] = useState(() => readHostPassword(sessionStorage));
  const field = useRef<HTMLInputElement>(null);
  const faultText = useFaultText(fault);
  const refused = fault === 'not_allowed';
  useEffect(() => {
    if (refused && !starting) field.current?.focus();
  }, [refused, starting]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void start(password);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {needsPassword || refused ? (
        <Field
          label={t('home.password')}
          type="password"
          value={password}
          onChange={setPassword}
          help={t('home.passwordHelp')}
          fault={refused ? (password ? t('home.passwordWrong') : t('home.passwordNeeded')) : null}
          inputRef={field}
          autoComplete="current-password"
        />
      ) : null}
      {fault && !refused ? <Notice tone="danger">{faultText}</Notice> : null}
      <Button tone="primary" type="submit" wide large icon={<Video aria-hidden />} isDisabled={starting}>
        {starting ? t('home.starting') : t('home.start')}
      </Button>
    </form>
  );
}
