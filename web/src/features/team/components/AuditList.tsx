/** What was done, by whom and when: of one team, or of the whole server. */
import { ScrollText } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import type { AuditEntry } from '../../../api/teams';
import { useServices } from '../../../services';
import en from '../../../i18n/en.json';
import { Row, Rows } from '../../../ui/Rows';
import { dayAndTimeIn } from '../../rooms/when';
import { PartsList } from '../../shell/components/PartsList';
import { useParts } from '../../shell/hooks/useParts';

/** `team` is null for the whole server. */
export function AuditList({ team }: { team: string | null }) {
  const { t, i18n } = useTranslation();
  const { api } = useServices();
  const entries = useParts(
    useCallback((cursor: string | null) => (team === null ? api.siteAudit(cursor) : api.teamAudit(team, cursor)), [api, team]),
  );
  return (
    <PartsList parts={entries} empty={{ icon: ScrollText, title: t('audit.empty') }}>
      {(items) => (
        <Rows label={t('audit.title')}>
          {items.map((entry) => (
            <EntryLine key={entry.id} entry={entry} locale={i18n.language} />
          ))}
        </Rows>
      )}
    </PartsList>
  );
}

function EntryLine({ entry, locale }: { entry: AuditEntry; locale: string }) {
  const { t } = useTranslation();
  const known = entry.action.replaceAll('.', '_') as keyof typeof en.audit.action;
  // The server may know more actions than this page has words for.
  const action = known in en.audit.action ? t(`audit.action.${known}`) : entry.action.replace(/[._]/g, ' ');
  const who = entry.actor.name ?? (entry.actor.kind === 'command' ? t('audit.command') : entry.actor.kind === 'system' ? t('audit.system') : t('audit.gone'));
  return <Row title={action} about={[who, dayAndTimeIn(entry.at, locale)]} />;
}
