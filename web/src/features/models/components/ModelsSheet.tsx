/** What models would add to this server, and fetching them. */
import type { TFunction } from 'i18next';
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { Button as PlainButton, Disclosure, DisclosurePanel } from 'react-aria-components';
import { useTranslation } from 'react-i18next';

import type { Model, Models, Profile } from '../../../api/models';
import { Button } from '../../../ui/Button';
import { Notice } from '../../../ui/Notice';
import { Sheet } from '../../../ui/Overlay';
import { sizeOf } from '../../home/directions';
import { isBusy, isTooLarge, kindOf, languagesOf, licencesToAccept } from '../describing';
import type { ModelDesk } from '../hooks/useModels';
import styles from './Models.module.css';
import { PullProgress } from './PullProgress';

interface ModelsSheetProps {
  desk: ModelDesk;
  models: Models;
  isOpen: boolean;
  onClose: () => void;
}

export function ModelsSheet({ desk, models, isOpen, onClose }: ModelsSheetProps) {
  const { t, i18n } = useTranslation();
  /** What waits for a licence to be accepted. */
  const [asked, setAsked] = useState<string | null>(null);
  const fetch = (name: string) => {
    const licences = licencesToAccept([name], models);
    if (licences.length > 0 && asked !== name) {
      setAsked(name);
      return;
    }
    setAsked(null);
    void desk.pull([name], licences);
  };
  const size = (megabytes: number) => sizeOf(megabytes, i18n.language);
  const offered = { models, asked, onFetch: fetch, onCancel: () => setAsked(null) };
  return (
    <Sheet title={t(models.mayPull ? 'models.title' : 'models.openElsewhere')} closeLabel={t('app.close')} isOpen={isOpen} onClose={onClose}>
      <p className={styles.free}>{t('models.free', { disk: size(models.freeDiskMb), ram: size(models.freeRamMb) })}</p>
      {models.mayPull ? null : <Notice tone="info">{t('models.elsewhere')}</Notice>}
      {desk.fault ? <Notice tone="danger">{t(`models.fault.${knownFault(desk.fault)}`)}</Notice> : null}
      <PullProgress pull={models.pull} onCancel={models.mayPull ? () => void desk.cancel() : null} />
      {models.profiles.length === 0 && models.models.length === 0 ? <p>{t('models.none')}</p> : null}
      <ul className={styles.list}>
        {models.profiles.map((profile) => (
          <ProfileItem key={profile.name} profile={profile} {...offered} />
        ))}
      </ul>
      <Disclosure className={styles.all ?? ''}>
        <PlainButton slot="trigger" className={styles.trigger ?? ''}>
          {t('models.each')}
          <ChevronDown aria-hidden />
        </PlainButton>
        <DisclosurePanel>
          <ul className={styles.list}>
            {models.models.map((model) => (
              <ModelItem key={model.id} model={model} {...offered} />
            ))}
          </ul>
        </DisclosurePanel>
      </Disclosure>
    </Sheet>
  );
}

interface OfferedProps {
  models: Models;
  asked: string | null;
  onFetch: (name: string) => void;
  onCancel: () => void;
}

function ProfileItem({ profile, ...offered }: OfferedProps & { profile: Profile }) {
  const { t, i18n } = useTranslation();
  const name = t(`models.profile.${knownProfile(profile.name)}`, { name: profile.name });
  return (
    <Item
      name={profile.name}
      title={name}
      about={t(`models.profileAbout.${knownProfile(profile.name)}`)}
      facts={[profile.models.join(', '), memory(t, profile.ramMb, i18n.language), profile.licences.join(', ')]}
      size={sizeOf(profile.missingMb, i18n.language)}
      here={profile.complete}
      tooLarge={isTooLarge(profile, offered.models)}
      {...offered}
    />
  );
}

function ModelItem({ model, ...offered }: OfferedProps & { model: Model }) {
  const { t, i18n } = useTranslation();
  const { text, more } = languagesOf(model, i18n.language);
  const kind = t(`models.kind.${kindOf(model)}`);
  return (
    <Item
      name={model.id}
      title={model.id}
      about={text ? `${kind}: ${text}${more > 0 ? ` ${t('models.more', { count: more })}` : ''}` : kind}
      facts={[memory(t, model.ramMb, i18n.language), model.licence, model.attribution]}
      size={sizeOf(model.sizeMb, i18n.language)}
      here={model.installed}
      tooLarge={isTooLarge(model, offered.models)}
      {...offered}
    />
  );
}

interface ItemProps extends OfferedProps {
  name: string;
  title: string;
  about: string;
  facts: string[];
  size: string;
  here: boolean;
  tooLarge: boolean;
}

function Item({ name, title, about, facts, size, here, tooLarge, models, asked, onFetch, onCancel }: ItemProps) {
  const { t } = useTranslation();
  const busy = isBusy(models.pull);
  const licences = licencesToAccept([name], models);
  return (
    <li className={styles.item}>
      <div className={styles.words}>
        <h3 className={styles.title}>{title}</h3>
        <p>{about}</p>
        <p className={styles.facts}>{facts.filter(Boolean).join(' · ')}</p>
        {tooLarge && !here ? <p className={styles.warning}>{t('models.tooLarge')}</p> : null}
      </div>
      {here ? (
        <span className={styles.here}>{t('models.here')}</span>
      ) : !models.mayPull ? (
        <span className={styles.here}>{t('models.notHere', { size })}</span>
      ) : (
        <Button isDisabled={busy} onPress={() => onFetch(name)} aria-label={t('models.fetchNamed', { name: title, size })}>
          {t('models.fetch', { size })}
        </Button>
      )}
      {asked === name ? (
        <div className={styles.question}>
          <Notice tone="warning">{t('models.licence', { licences: licences.join(', ') })}</Notice>
          <div className={styles.answers}>
            <Button tone="quiet" onPress={onCancel}>
              {t('app.cancel')}
            </Button>
            <Button onPress={() => onFetch(name)}>{t('models.accept')}</Button>
          </div>
        </div>
      ) : null}
    </li>
  );
}

function memory(t: TFunction, megabytes: number, locale: string): string {
  return megabytes > 0 ? t('models.memory', { ram: sizeOf(megabytes, locale) }) : '';
}

const PROFILES = ['default', 'noncommercial', 'quality'] as const;

function knownProfile(name: string): (typeof PROFILES)[number] | 'other' {
  return PROFILES.find((profile) => profile === name) ?? 'other';
}

const FAULTS = ['pull_under_way', 'licence_not_accepted', 'not_allowed', 'unreachable', 'too_many_requests'] as const;

function knownFault(code: string): (typeof FAULTS)[number] | 'unknown' {
  return FAULTS.find((fault) => fault === code) ?? 'unknown';
}
