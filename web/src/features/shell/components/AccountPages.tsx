/** The pages of who is signed in. */
import type { Place } from '../../../routes';
import { AccountPage } from '../../account/components/AccountPage';
import { AdminPage } from '../../admin/components/AdminPage';
import { MyRoomsPage } from '../../rooms/components/MyRoomsPage';
import { RoomSettingsPage } from '../../rooms/components/RoomSettingsPage';
import { InvitationPage } from '../../signIn/components/InvitationPage';
import { Comeback } from '../../signIn/components/Comeback';
import { TeamPage } from '../../team/components/TeamPage';

export function AccountPages({ place }: { place: Place }) {
  switch (place.page) {
    case 'invitation':
      return <InvitationPage />;
    case 'room':
      return <RoomSettingsPage key={place.room} room={place.room} />;
    case 'team':
      return <TeamPage />;
    case 'account':
      return <AccountPage />;
    case 'admin':
      return <AdminPage />;
    case 'sign_in':
    case 'sign_up':
      return <Comeback />;
    default:
      return <MyRoomsPage />;
  }
}
