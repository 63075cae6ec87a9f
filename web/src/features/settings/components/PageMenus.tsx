/** Two small menus at the top of a page: its language and its appearance. */
import { Check, Languages, Moon, Sun, SunMoon } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import type { Theme } from '../../../call/preferences';
import { ownName } from '../../../call/languages';
import { changePageLanguage, PAGE_LANGUAGES, type PageLanguage } from '../../../i18n';
import { ActionMenu } from '../../../ui/ActionMenu';
import { IconButton } from '../../../ui/Button';
import { usePreferences } from '../hooks/usePreferences';
import styles from './PageMenus.module.css';

const THEME_ICONS = { system: SunMoon, light: Sun, dark: Moon };

export function PageMenus() {
  const { t, i18n } = useTranslation();
  const { preferences, change } = usePreferences();
  const themes = { system: t('app.themeSystem'), light: t('app.themeLight'), dark: t('app.themeDark') };
  const ThemeIcon = THEME_ICONS[preferences.theme];
  const choose = (language: PageLanguage) => {
    change({ pageLanguage: language });
    void changePageLanguage(language);
  };
  return (
    <div className={styles.menus}>
      <ActionMenu
        label={t('app.pageLanguage')}
        placement="bottom end"
        parts={[
          PAGE_LANGUAGES.map((language) => ({
            id: language,
            label: ownName(language),
            icon: language === i18n.language ? <Check aria-hidden /> : <span className={styles.space} />,
            onAction: () => choose(language),
          })),
        ]}
      >
        <IconButton label={t('app.pageLanguage')} icon={<Languages aria-hidden />} placement="bottom" />
      </ActionMenu>
      <ActionMenu
        label={t('app.theme')}
        placement="bottom end"
        parts={[
          (Object.keys(themes) as Theme[]).map((theme) => ({
            id: theme,
            label: themes[theme],
            icon: theme === preferences.theme ? <Check aria-hidden /> : <span className={styles.space} />,
            onAction: () => change({ theme }),
          })),
        ]}
      >
        <IconButton label={t('app.theme')} icon={<ThemeIcon aria-hidden />} placement="bottom" />
      </ActionMenu>
    </div>
  );
}
