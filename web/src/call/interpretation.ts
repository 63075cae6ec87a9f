/**
 * What comes from the interpreter: captions, dubs, and which voice was left out. Nobody else is believed.
 *
 * Anybody in a room may send text streams and data and name a track as he likes; the kind of a participant is given out
 * by the server alone (`isInterpreter`). From `liveKitCall.ts`; into `captionFeed.ts` and `audioMix.ts`.
 */
import type { AudioMix, PlayableTrack } from './audioMix';
import { isInterpreter, parseCaption } from './caption';
import type { CaptionFeed } from './captionFeed';
import { parseDubName } from './dubTracks';
import { parseUnvoiced, UNVOICED_TOPIC } from './unvoiced';

export interface Sender {
  identity: string;
  isAgent: boolean;
}

/** What is needed of LiveKit's text streams. */
export interface TextReader {
  readonly info: { readonly attributes?: Record<string, string> };
  readAll(): Promise<string>;
}

export class Interpretation {
  constructor(
    private readonly captions: Pick<CaptionFeed, 'nextOrder' | 'receive'>,
    private readonly mix: Pick<AudioMix, 'addDub' | 'removeDub'>,
    private readonly onUnvoiced: (segment: string) => void,
  ) {}

  async takeText(reader: TextReader, sender: Sender | undefined): Promise<void> {
    if (!sender || !isInterpreter(sender)) return;
    const order = this.captions.nextOrder();
    try {
      const text = await reader.readAll();
      const caption = parseCaption(text, reader.info.attributes ?? {});
      if (caption) this.captions.receive(caption, order);
    } catch {
      // Cut off with its sender: what was final comes by HTTP.
    }
  }

  takeData(payload: Uint8Array, sender: Sender | undefined, topic: string | undefined): void {
    if (topic !== UNVOICED_TOPIC || !sender || !isInterpreter(sender)) return;
    const segment = parseUnvoiced(payload);
    if (segment !== null) this.onUnvoiced(segment);
  }

  /** A track of an agent came or went; a dub of my own voice is not for me. */
  takeTrack(track: PlayableTrack, trackName: string, sender: Sender, subscribed: boolean, me: string): void {
    const name = isInterpreter(sender) ? parseDubName(trackName) : null;
    if (!name || name.speaker === me) return;
    if (subscribed) this.mix.addDub(name, track);
    else this.mix.removeDub(name, track);
  }
}
