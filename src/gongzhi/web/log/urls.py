"""Addresses: the public pages of the log: verify, checkpoints, witnesses.

Below `log/` the layout is C2SP tlog-tiles and tlog-witness: other people's programs read it.
"""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.log import files, pages, receipts, witnesses

urlpatterns: list[URLPattern | URLResolver] = [
    path("log", pages.page, name="log"),
    path("log/verify", pages.verify, name="log_verify"),
    path("log/worker.js", files.worker, name="log_worker"),
    path("log/gongzhi_verify.py", files.script, name="log_script"),
    path("log/witness", pages.witness, name="log_witness"),
    path("log/witnesses", witnesses.page, name="log_witnesses"),
    path("log/witnesses/add", witnesses.add, name="log_witness_add"),
    path("log/witnesses/end", witnesses.end, name="log_witness_end"),
    path("log/own", receipts.own, name="log_own"),
    path("log/of/matter/<str:number>", receipts.of_matter, name="log_of_matter"),
    path("log/of/transfer/<int:transfer_id>", receipts.of_transfer, name="log_of_transfer"),
    path("log/of/<str:kind>/<str:subject>", receipts.of_everybody, name="log_of"),
    path("log/checkpoint", files.checkpoint, name="log_checkpoint"),
    path("log/newest", files.newest, name="log_newest"),
    path("log/anchor", files.anchor, name="log_anchor"),
    path("log/policy", files.policy, name="log_policy"),
    path("log/proof/<int:old>/<int:new>", files.proof, name="log_proof"),
    path("log/receipts/<str:kind>/<str:subject>", files.receipt, name="log_receipt"),
    path("log/everything.zip", files.everything, name="log_everything"),
    path("log/tile/entries/<path:name>", files.entries, name="log_entries"),
    path("log/tile/<int:level>/<path:name>", files.tile, name="log_tile"),
    path("log/add-checkpoint", files.add_checkpoint, name="log_add_checkpoint"),
    path("log/cosignatures", files.cosign, name="log_cosign"),
]
