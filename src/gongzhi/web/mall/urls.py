"""Addresses: the mall: catalogue, orders, merchants, clearing."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.mall import buying, claims, desk, shop

urlpatterns: list[URLPattern | URLResolver] = [
    path("mall", buying.catalogue, name="mall"),
    path("mall/fund", buying.fund, name="mall_fund"),
    path("mall/offers/<int:offer_id>", buying.offer, name="mall_offer"),
    path("mall/orders", buying.orders, name="mall_orders"),
    path("mall/orders/<int:order_id>", buying.order, name="mall_order"),
    path("mall/orders/<int:order_id>/cancel", buying.cancel, name="mall_cancel"),
    path("mall/shops", shop.shops, name="mall_shops"),
    path("mall/shops/<int:merchant_id>", shop.page, name="mall_shop"),
    path("mall/shops/<int:merchant_id>/orders/<int:order_id>", shop.sold, name="mall_sold"),
    path("mall/shops/<int:merchant_id>/offers", shop.offers, name="mall_offers"),
    path("mall/shops/<int:merchant_id>/offers/<int:offer_id>", shop.stock, name="mall_stock"),
    path("mall/shops/<int:merchant_id>/statements", shop.statements, name="mall_statements"),
    path("mall/statements/<int:statement_id>", shop.statement, name="mall_statement"),
    path("mall/lines/<int:line_id>/dispute", shop.dispute, name="mall_dispute"),
    path("mall/claims", claims.listed, name="mall_claims"),
    path("mall/claims/pledge/<int:mall_id>", claims.pledge, name="mall_pledge"),
    path("mall/claims/<int:receivable_id>", claims.page, name="mall_claim"),
    path("staff/malls", desk.listed, name="mall_desk"),
    path("staff/malls/new", desk.new, name="mall_new"),
    path("staff/malls/<int:mall_id>", desk.page, name="mall_run"),
    path("staff/malls/<int:mall_id>/rate", desk.rate, name="mall_rate"),
    path("staff/malls/<int:mall_id>/merchants", desk.admit, name="mall_admit"),
    path("staff/malls/<int:mall_id>/statements", desk.draw, name="mall_draw"),
    path("staff/malls/<int:mall_id>/lines/<int:line_id>", desk.answer, name="mall_answer"),
    path("staff/malls/<int:mall_id>/batches", desk.batch, name="mall_batch"),
    path("staff/malls/<int:mall_id>/receipt", desk.receipt, name="mall_receipt"),
    path("staff/malls/<int:mall_id>/files/<int:message_id>", desk.file, name="mall_file"),
]
