// Neighbourhoods: the outlines that the map draws and the names of the cells.

export interface Zone {
  id: number;
  name: string;
  borough: string;
  rings: number[][]; // lon, lat, lon, lat … in degrees; closed, the last point not repeated
  box: [west: number, south: number, east: number, north: number];
}

interface Table {
  unit: number;
  zones: [number, string, string, number[][]][];
}

export async function loadZones(): Promise<Zone[]> {
  const answer = await fetch("assets/zones.json");
  if (!answer.ok) throw new Error(`the outlines of the city: ${answer.status}`);
  const table = (await answer.json()) as Table;
  return table.zones.map(([id, name, borough, steps]) => {
    const box: Zone["box"] = [Infinity, Infinity, -Infinity, -Infinity];
    const rings = steps.map((ring) => {
      const points: number[] = [];
      let x = 0;
      let y = 0;
      for (let i = 0; i < ring.length; i += 2) {
        x += ring[i]!;
        y += ring[i + 1]!;
        const lon = x * table.unit;
        const lat = y * table.unit;
        points.push(lon, lat);
        box[0] = Math.min(box[0], lon);
        box[1] = Math.min(box[1], lat);
        box[2] = Math.max(box[2], lon);
        box[3] = Math.max(box[3], lat);
      }
      return points;
    });
    return { id, name, borough, rings, box };
  });
}

/** Whether a place lies inside of rings, by the even-odd rule. */
export function contains(rings: number[][], lon: number, lat: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const ay = ring[i + 1]!;
      const by = ring[j + 1]!;
      if (ay > lat !== by > lat && lon < ((ring[j]! - ring[i]!) * (lat - ay)) / (by - ay) + ring[i]!) inside = !inside;
    }
  }
  return inside;
}

const inBox = ({ box }: Zone, lon: number, lat: number): boolean => lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3];

/** The zone of a place. */
export const zoneAt = (zones: Zone[], lon: number, lat: number): Zone | undefined => zones.find((z) => inBox(z, lon, lat) && contains(z.rings, lon, lat));

/** The zone of a cell: of its centre, else of the first corner that lies on land. */
export function zoneOf(zones: Zone[], centre: [number, number], ring: [number, number][]): Zone | undefined {
  for (const [lon, lat] of [centre, ...ring]) {
    const found = zoneAt(zones, lon, lat);
    if (found) return found;
  }
  return undefined;
}
