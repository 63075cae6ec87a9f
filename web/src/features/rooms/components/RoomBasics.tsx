/** What a room is called, and how people come into it. Switches count at once, fields when they are saved. */
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { MyRoom } from '../../../api/myRooms';
import { useAccount } from '../../../session/useSession';
import { Button } from '../../../ui/Button';
import { Field } from '../../../ui/Field';
import { Section } from '../../../ui/Section';
import { Toggle } from '../../../ui/Toggle';
import { FaultNotice } from '../../shell/components/FaultNotice';
import type { RoomDesk } from '../hooks/useRoom';
import styles from './Rooms.module.css';

const LEAST_PEOPLE = 2;

export function RoomBasics({ desk, room }: { desk: RoomDesk; room: MyRoom }) {
  const { t } = useTranslation();
  const { user } = useAccount();
  const [title, setTitle] = useState(room.title);
  const [people, setPeople] = useState(room.mostPeople?.toString() ?? '');
  const [saved, setSaved] = useState(false);
  const most = people.trim() === '' ? null : Number(people);
  const peopleWrong = most !== null && !(Number.isInteger(most) && most >= LEAST_PEOPLE);
  const titleWrong = !title.trim();
  const changed = title.trim() !== room.title || most !== room.mostPeople;
  const write = (set: (value: string) => void) => (value: string) => {
    setSaved(false);
    set(value);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (titleWrong || peopleWrong) return;
    void desk.change({ title: title.trim(), mostPeople: most }).then(setSaved);
  };
  return (
    <Section title={t('room.settings')}>
      <FaultNotice fault={desk.changing.fault} />
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t('room.title')}
          value={title}
          onChange={write(setTitle)}
          maxLength={80}
          autoComplete="off"
          fault={titleWrong ? t('room.titleMissing') : null}
        />
        <Field
          label={t('room.mostPeople')}
          value={people}
          onChange={write(setPeople)}
          inputMode="numeric"
          maxLength={4}
          autoComplete="off"
          placeholder={t('room.mostPeopleAny')}
          help={user.limits.people ? t('room.mostPeopleLimit', { count: user.limits.people }) : t('room.mostPeopleHelp')}
          fault={peopleWrong ? t('room.mostPeopleWrong', { least: LEAST_PEOPLE }) : null}
        />
        <div className={styles.buttons}>
          <span role="status" className={styles.saved}>
            {saved && !changed ? t('room.saved') : ''}
          </span>
          <Button tone="primary" type="submit" isDisabled={!changed || desk.changing.busy}>
            {t('room.save')}
          </Button>
        </div>
      </form>
      <Toggle
        label={t('room.lobby')}
        help={t('room.lobbyHelp')}
        isSelected={room.lobby}
        isDisabled={desk.changing.busy}
        onChange={(lobby) => void desk.change({ lobby })}
      />
      <Toggle
        label={t('room.interpretation')}
        help={t('room.interpretationHelp')}
        isSelected={room.interpretation}
        isDisabled={desk.changing.busy}
        onChange={(interpretation) => void desk.change({ interpretation })}
      />
    </Section>
  );
}
