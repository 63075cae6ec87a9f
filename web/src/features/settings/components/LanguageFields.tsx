/** The three lists: what I speak, read and hear, and in what voice. In the lobby and in the call. */
import { useTranslation } from 'react-i18next';

import type { RoomInfo } from '../../../api/types';
import { fold, listLanguages, nameIn, ORIGINAL, ownName, type LanguageOption } from '../../../call/languages';
import type { VoiceOption, VoiceWish } from '../../../call/voices';
import { Choice } from '../../../ui/Choice';
import { Picker, type PickerOption, type PickerSection } from '../../../ui/Picker';
import { hasVoice, hearingShown, NONE, SAME, type LanguageChoice } from '../languageChoice';

interface LanguageFieldsProps {
  room: RoomInfo;
  choice: LanguageChoice;
  onChange: (choice: LanguageChoice) => void;
}

export function LanguageFields({ room, choice, onChange }: LanguageFieldsProps) {
  const { t } = useTranslation();
  const lists = useLanguageLists();
  const sameWorks = choice.reads !== NONE && hasVoice(room, choice.reads);
  const hearing: PickerOption[] = [
    { id: SAME, label: t('lobby.sameAsRead'), disabled: !sameWorks, ...lists.nameOf(choice.reads, sameWorks) },
    { id: ORIGINAL, label: t('lobby.original'), aside: t('lobby.originalHelp') },
  ];
  const search = {
    label: t('lobby.search'),
    empty: t('lobby.nothingFound'),
    matches: (text: string, typed: string) => fold(text).includes(fold(typed)),
  };
  const common = { placeholder: t('lobby.choose'), search };
  return (
    <>
      <Picker
        {...common}
        label={t('lobby.iSpeak')}
        value={choice.speaks}
        onChange={(speaks) => onChange({ ...choice, speaks })}
        sections={lists.sections(room.speaks, [{ id: NONE, label: t('lobby.onlyListen') }])}
      />
      <Picker
        {...common}
        label={t('lobby.iRead')}
        value={choice.reads}
        onChange={(reads) => onChange({ ...choice, reads })}
        sections={lists.sections(room.reads, [{ id: NONE, label: t('lobby.noCaptions') }])}
      />
      <Picker
        {...common}
        label={t('lobby.iHear')}
        value={hearingShown(choice, room)}
        onChange={(listens) => onChange({ ...choice, listens })}
        sections={lists.sections(room.listens, hearing)}
      />
      {hearingShown(choice, room) === ORIGINAL ? null : (
        <VoiceField options={room.voices} value={choice.voice} onChange={(voice) => onChange({ ...choice, voice })} />
      )}
    </>
  );
}

interface VoiceFieldProps {
  options: readonly VoiceOption[];
  value: VoiceWish;
  onChange: (voice: VoiceWish) => void;
}

/** What dubs sound like. What is not possible is shown with the reason. */
function VoiceField({ options, value, onChange }: VoiceFieldProps) {
  const { t } = useTranslation();
  const missing = options.find((option) => !option.works);
  return (
    <Choice
      label={t('lobby.voice')}
      options={options.map(({ voice, works }) => ({ value: voice, label: t(`lobby.voices.${voice}`), disabled: !works }))}
      value={value}
      onChange={onChange}
      help={missing ? t('lobby.noOwnVoice') : ''}
    />
  );
}

function useLanguageLists() {
  const { t, i18n } = useTranslation();
  const reasonOf = (reason: string): string => {
    if (reason === 'not_recognised' || reason === 'no_voice') return t(`lobby.reason.${reason}`);
    return t('lobby.reason.not_translated');
  };
  const sections = (options: readonly LanguageOption[], special: PickerOption[]): PickerSection[] => {
    const listed = listLanguages(options, i18n.language).map((language) => ({
      id: language.code,
      label: language.ownName,
      ...(language.readersName ? { aside: language.readersName } : {}),
      ...(language.works ? {} : { help: reasonOf(language.reason) }),
      disabled: !language.works,
      searchText: language.searchText,
    }));
    return [
      { id: 'special', options: special },
      { id: 'works', title: t('lobby.worksHere'), options: listed.filter((option) => !option.disabled) },
      { id: 'not', title: t('lobby.notHere'), options: listed.filter((option) => option.disabled) },
    ];
  };
  /** The language behind "same as I read", or why it does not work. */
  const nameOf = (code: string, works: boolean): Partial<PickerOption> => {
    if (code === NONE) return {};
    const readers = nameIn(code, i18n.language);
    return works ? { aside: readers === ownName(code) ? readers : ownName(code) } : { help: reasonOf('no_voice') };
  };
  return { sections, nameOf };
}
