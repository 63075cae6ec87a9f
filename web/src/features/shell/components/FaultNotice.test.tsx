import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';

import type { Facts } from '../../../api/facts';
import { ApiError } from '../../../api/types';
import { changePageLanguage } from '../../../i18n';
import { faultOf } from '../faults';
import { FaultNotice } from './FaultNotice';

const DETAIL = 'the free plan allows 2 rooms at once: ask the admin of this server';
const refused = (code: string, facts: Facts, detail = DETAIL) => faultOf(new ApiError(code, detail, null, 403, facts));

test('a Vietnamese page says in Vietnamese which limit it was, and nothing in English', async () => {
  await changePageLanguage('vi');

  render(<FaultNotice fault={refused('limit_reached', { limit: 'rooms_at_once', allowed: 2, plan: 'free', helps: ['end_other_call', 'ask_admin'] })} />);

  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain('Gói Miễn phí cho phép 2 cuộc gọi cùng lúc.');
  expect(alert.textContent).not.toContain('plan');
  expect(alert.querySelector('[lang]')).toBeNull();
});

test.each([
  ['limit_reached', 'Gói của bạn không cho phép nhiều hơn.'],
  ['schedule_invalid', 'Không lên lịch như vậy được.'],
  ['moon_full', 'Chưa được.'],
])('without facts it says what %s means, in the language of the page', async (code, said) => {
  await changePageLanguage('vi');

  render(<FaultNotice fault={refused(code, {})} />);

  expect(screen.getByRole('alert').textContent).toContain(said);
  expect(screen.getByRole('alert').textContent).not.toContain('plan');
});
