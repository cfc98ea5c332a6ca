/** The board's counter of lines that the access log could not write. */
export const lostLinesCounter = 255;
