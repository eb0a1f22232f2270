/** The address of a PNG that carries it. */
export function dataUrl(pngBase64: string): string {
  return `data:image/png;base64,${pngBase64}`
}

/** Adds up the pieces of a text that may never come. */
export function whatWasHeard(): {
  hear(piece: string | null | undefined): void
  text(): string | undefined
} {
  let heard: string | undefined
  return {
    hear: (piece) => {
      if (piece != null) heard = (heard ?? '') + piece
    },
    text: () => heard,
  }
}
