// What the telephone of a witness keeps: its key, the heads it has seen, the hashes it has audited.
function store(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("gongzhi-witness", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const change = opening.result.transaction("kept", mode, { durability: "strict" });
      const asked = work(change.objectStore("kept"));
      change.oncomplete = () => { opening.result.close(); resolve(asked.result); };
      change.onerror = () => reject(change.error);
    };
  });
}
export const keep = (name, value) => store("readwrite", (kept) => kept.put(value, name));
export const kept = (name) => store("readonly", (all) => all.get(name));
