/** Says why signing in by a provider did not work, and what does. */
import { useTranslation } from 'react-i18next';

import en from '../../../i18n/en.json';
import { Notice } from '../../../ui/Notice';
import { plainFault } from '../../shell/faults';
import { useFaultWords } from '../../shell/hooks/useFaultWords';

type KnownProblem = keyof typeof en.signIn.problem;

export function ProviderProblem({ code }: { code: string }) {
  const { t } = useTranslation();
  const words = useFaultWords(plainFault(code));
  return <Notice tone="danger">{Object.hasOwn(en.signIn.problem, code) ? t(`signIn.problem.${code as KnownProblem}`) : words}</Notice>;
}
