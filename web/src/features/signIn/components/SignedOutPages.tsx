/** The pages of who is not signed in: whatever needs an account leads to signing in, and back. */
import type { Site } from '../../../api/accounts';
import type { Place } from '../../../routes';
import { InvitationPage } from './InvitationPage';
import { SignInPage } from './SignInPage';
import { SignUpPage } from './SignUpPage';

interface SignedOutPagesProps {
  place: Place;
  path: string;
  site: Site;
  /** Somebody was signed in until now. */
  ended: boolean;
}

export function SignedOutPages({ place, path, site, ended }: SignedOutPagesProps) {
  if (place.page === 'invitation') return <InvitationPage />;
  if (place.page === 'sign_up') return <SignUpPage site={site} />;
  const stays = place.page === 'home' || place.page === 'sign_in';
  return <SignInPage site={site} wanted={stays ? null : path} ended={ended} />;
}
