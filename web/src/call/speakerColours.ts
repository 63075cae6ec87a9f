/** How many colours speakers are told apart by: as many as `ui/tokens.css` has. */
export const COLOURS = 8;
