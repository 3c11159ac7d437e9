// What lies around the five boroughs, drawn by hand for this page: good to some
// 200 m, enough to see where New Jersey is. Where it meets a borough it reaches
// under it; the borough's own outline is drawn over it. All points are [lon, lat].

export type Place = [lon: number, lat: number];

/** Other land: New Jersey with Newark Bay, Westchester, Nassau. */
export const otherLand: Place[][] = [
  [
    [-73.905, 41.1], [-73.912, 40.97], [-73.921, 40.94], [-73.936, 40.905], [-73.9605, 40.853], [-73.972, 40.832], [-73.98, 40.814],
    [-73.993, 40.8], [-74.0035, 40.785], [-74.014, 40.771], [-74.0215, 40.76], [-74.0225, 40.753], [-74.0245, 40.744], [-74.029, 40.736],
    [-74.0315, 40.727], [-74.0325, 40.716], [-74.0395, 40.708], [-74.047, 40.702], [-74.053, 40.696], [-74.0585, 40.689], [-74.069, 40.684],
    [-74.0785, 40.676], [-74.0655, 40.6695], [-74.0605, 40.6645], [-74.077, 40.661], [-74.0865, 40.6525], [-74.098, 40.6485],
    [-74.115, 40.6462], [-74.131, 40.6425], [-74.1445, 40.6432], [-74.1385, 40.655], [-74.125, 40.672], [-74.1135, 40.688], [-74.1065, 40.704],
    [-74.113, 40.716], [-74.1215, 40.714], [-74.137, 40.7], [-74.147, 40.684], [-74.158, 40.668], [-74.176, 40.652], [-74.193, 40.6425],
    [-74.2055, 40.632], [-74.204, 40.611], [-74.2105, 40.593], [-74.2205, 40.567], [-74.2265, 40.556], [-74.2475, 40.548], [-74.2535, 40.53],
    [-74.2655, 40.51], [-74.28, 40.49], [-74.6, 40.45], [-74.6, 41.1],
  ],
  [
    [-73.885, 41.1], [-73.892, 40.98], [-73.903, 40.935], [-73.91, 40.912], [-73.875, 40.89], [-73.84, 40.885], [-73.81, 40.88], [-73.785, 40.882],
    [-73.772, 40.89], [-73.76, 40.902], [-73.745, 40.912], [-73.722, 40.924], [-73.7, 40.942], [-73.675, 40.96], [-73.6, 41.0], [-73.6, 41.1],
  ],
  [
    [-73.755, 40.772], [-73.752, 40.79], [-73.765, 40.803], [-73.766, 40.817], [-73.752, 40.83], [-73.735, 40.822], [-73.722, 40.802],
    [-73.708, 40.81], [-73.717, 40.833], [-73.728, 40.856], [-73.712, 40.869], [-73.69, 40.862], [-73.665, 40.83], [-73.655, 40.86], [-73.64, 40.9],
    [-73.6, 40.91], [-73.3, 40.92], [-73.3, 40.61], [-73.6, 40.61], [-73.66, 40.615], [-73.72, 40.607], [-73.75, 40.61], [-73.745, 40.64],
    [-73.735, 40.66], [-73.735, 40.7], [-73.74, 40.74],
  ],
];

/** Bridges, and tunnels, which are dashed: each from bank to bank. */
export const crossings: { name: string; tunnel?: true; line: Place[] }[] = [
  { name: "George Washington Br", line: [[-73.9635, 40.8535], [-73.943, 40.8497]] },
  { name: "Lincoln Tunnel", tunnel: true, line: [[-74.024, 40.765], [-74.0, 40.758]] },
  { name: "Holland Tunnel", tunnel: true, line: [[-74.036, 40.728], [-74.0105, 40.7255]] },
  { name: "Brooklyn Br", line: [[-74.0005, 40.7085], [-73.9925, 40.7025]] },
  { name: "Manhattan Br", line: [[-73.9945, 40.711], [-73.986, 40.7015]] },
  { name: "Williamsburg Br", line: [[-73.977, 40.7155], [-73.965, 40.711]] },
  { name: "Queens Midtown Tunnel", tunnel: true, line: [[-73.971, 40.7465], [-73.956, 40.743]] },
  { name: "Queensboro Br", line: [[-73.9605, 40.7595], [-73.946, 40.7525]] },
  { name: "RFK Br", line: [[-73.928, 40.8], [-73.9265, 40.787], [-73.919, 40.776]] },
  { name: "Whitestone Br", line: [[-73.832, 40.809], [-73.827, 40.7955]] },
  { name: "Throgs Neck Br", line: [[-73.7935, 40.807], [-73.7925, 40.7935]] },
  { name: "Verrazzano Br", line: [[-74.0525, 40.603], [-74.0365, 40.61]] },
  { name: "Brooklyn–Battery Tunnel", tunnel: true, line: [[-74.0155, 40.7025], [-74.0125, 40.6865]] },
  { name: "Marine Parkway Br", line: [[-73.8875, 40.578], [-73.884, 40.5685]] },
];

/** Names of places that are no taxi zone, and the greatest metres a pixel at which they are named. */
export const names: { words: string; at: Place; kind: "borough" | "water" | "town"; upTo: number }[] = [
  { words: "MANHATTAN", at: [-73.974, 40.7905], kind: "borough", upTo: Infinity },
  { words: "BROOKLYN", at: [-73.945, 40.687], kind: "borough", upTo: Infinity },
  { words: "QUEENS", at: [-73.9, 40.735], kind: "borough", upTo: Infinity },
  { words: "THE BRONX", at: [-73.87, 40.848], kind: "borough", upTo: Infinity },
  { words: "STATEN ISLAND", at: [-74.14, 40.58], kind: "borough", upTo: Infinity },
  { words: "NEW JERSEY", at: [-74.045, 40.79], kind: "borough", upTo: Infinity },
  { words: "Hudson River", at: [-74.009, 40.768], kind: "water", upTo: 45 },
  { words: "East River", at: [-73.9645, 40.735], kind: "water", upTo: 45 },
  { words: "Upper Bay", at: [-74.04, 40.665], kind: "water", upTo: 45 },
  { words: "Jamaica Bay", at: [-73.835, 40.612], kind: "water", upTo: 45 },
  { words: "Hoboken", at: [-74.033, 40.745], kind: "town", upTo: 45 },
  { words: "Jersey City", at: [-74.06, 40.719], kind: "town", upTo: 45 },
  { words: "Union City", at: [-74.03, 40.775], kind: "town", upTo: 45 },
  { words: "Fort Lee", at: [-73.975, 40.85], kind: "town", upTo: 45 },
  { words: "Edgewater", at: [-73.982, 40.824], kind: "town", upTo: 45 },
  { words: "Bayonne", at: [-74.112, 40.666], kind: "town", upTo: 45 },
];
