// Loaded before a command of the tour (`node --import`): for it the time stands still, so that it shows the same every time.
const now = Number(process.env['TOUR_NOW'])
Date.now = () => now
