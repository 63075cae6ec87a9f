/** A closed list to choose one from, searchable where it is long. */
import { Check, ChevronDown, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Autocomplete,
  Button,
  Header,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  SearchField,
  Select,
  SelectValue,
  Text,
} from 'react-aria-components';

import styles from './Picker.module.css';

export interface PickerOption {
  id: string;
  label: string;
  /** Beside the label, quieter. */
  aside?: string;
  /** Under the label: why it is disabled, or what it does. */
  help?: string;
  disabled?: boolean;
  /** What is searched; the label if absent. */
  searchText?: string;
}

export interface PickerSection {
  id: string;
  /** Absent for the first, unnamed part. */
  title?: string;
  options: PickerOption[];
}

interface PickerProps {
  label: string;
  sections: PickerSection[];
  value: string | null;
  onChange: (id: string) => void;
  placeholder: string;
  help?: string | undefined;
  icon?: ReactNode;
  isDisabled?: boolean;
  /** Texts of the search line; without them there is none. */
  search?: { label: string; empty: string; matches: (searchText: string, typed: string) => boolean };
}

export function Picker({ label, sections, value, onChange, placeholder, help, icon, isDisabled, search }: PickerProps) {
  const list = (
    <ListBox
      className={styles.list ?? ''}
      renderEmptyState={() => <p className={styles.empty}>{search?.empty}</p>}
    >
      {sections
        .filter((section) => section.options.length > 0)
        .map((section) => (
          <ListBoxSection key={section.id} id={section.id} aria-label={section.title ?? label}>
            {section.title ? <Header className={styles.title ?? ''}>{section.title}</Header> : null}
            {section.options.map((option) => (
              <Option key={option.id} option={option} />
            ))}
          </ListBoxSection>
        ))}
    </ListBox>
  );
  return (
    <Select
      className={styles.picker ?? ''}
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
      placeholder={placeholder}
      isDisabled={isDisabled ?? false}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <Button className={styles.button ?? ''}>
        {icon}
        <SelectValue className={styles.value ?? ''} />
        <ChevronDown aria-hidden className={styles.chevron} />
      </Button>
      {help ? (
        <Text slot="description" className={styles.help ?? ''}>
          {help}
        </Text>
      ) : null}
      <Popover className={styles.popover ?? ''} offset={4}>
        {search ? (
          <Autocomplete filter={search.matches}>
            <SearchField className={styles.search ?? ''} aria-label={search.label} autoFocus>
              <Search aria-hidden />
              <Input className={styles.searchInput ?? ''} placeholder={search.label} role="combobox" aria-expanded />
            </SearchField>
            {list}
          </Autocomplete>
        ) : (
          list
        )}
      </Popover>
    </Select>
  );
}

function Option({ option }: { option: PickerOption }) {
  return (
    <ListBoxItem
      id={option.id}
      textValue={option.searchText ?? option.label}
      isDisabled={option.disabled ?? false}
      className={styles.option ?? ''}
    >
      {({ isSelected }) => (
        <>
          <span className={styles.words}>
            <span>
              {option.label}
              {option.aside ? <span className={styles.aside}> · {option.aside}</span> : null}
            </span>
            {option.help ? <span className={styles.optionHelp}>{option.help}</span> : null}
          </span>
          {isSelected ? <Check aria-hidden /> : null}
        </>
      )}
    </ListBoxItem>
  );
}
