/** Words for a refusal of the API: what happened, and one thing to do. */
import { useTranslation } from 'react-i18next';

const KNOWN = [
  'room_full',
  'room_full_by_plan',
  'room_locked',
  'call_over',
  'not_allowed',
  'unreachable',
  'too_many_requests',
  'choice_not_possible',
  'room_not_open',
  'lobby_refused',
  'lobby_left',
  'lobby_full',
  'capacity_exhausted',
  'limit_reached',
] as const;

export function useFaultText(code: string | null): string {
  const { t } = useTranslation();
  if (code === null) return '';
  if (code === 'room_not_found') return `${t('end.room_gone')}. ${t('end.room_goneText')}`;
  const known = KNOWN.find((one) => one === code) ?? 'unknown';
  return `${t(`end.${known}`)}. ${t(`end.${known}Text`)}`;
}
