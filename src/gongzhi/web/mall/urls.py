"""Addresses: the mall: catalogue, orders, merchants, clearing."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.mall import (
    buying,
    claims,
    clearing,
    desk,
    merchants,
    shelf,
    shop,
    statements,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("mall", buying.catalogue, name="mall"),
    path("mall/fund", buying.fund, name="mall_fund"),
    path("mall/offers/<int:offer_id>", buying.offer, name="mall_offer"),
    path("mall/pictures/<int:picture_id>", buying.photo, name="mall_picture"),
    path("mall/codes/<str:token>", shop.code, name="mall_code"),
    path("mall/orders", buying.orders, name="mall_orders"),
    path("mall/orders/<int:order_id>", buying.order, name="mall_order"),
    path("mall/orders/<int:order_id>/cancel", buying.cancel, name="mall_cancel"),
    path("mall/shops", shop.shops, name="mall_shops"),
    path("mall/shops/<int:merchant_id>", shop.page, name="mall_shop"),
    path("mall/shops/<int:merchant_id>/orders/<int:order_id>", shop.sold, name="mall_sold"),
    path("mall/shops/<int:merchant_id>/offers", shelf.offers, name="mall_offers"),
    path("mall/shops/<int:merchant_id>/offers/<int:offer_id>", shelf.stock, name="mall_stock"),
    path("mall/shops/<int:merchant_id>/statements", statements.statements, name="mall_statements"),
    path("mall/statements/<int:statement_id>", statements.statement, name="mall_statement"),
    path("mall/lines/<int:line_id>/dispute", statements.dispute, name="mall_dispute"),
    path("mall/claims", claims.listed, name="mall_claims"),
    path("mall/claims/pledge/<int:mall_id>", claims.pledge, name="mall_pledge"),
    path("mall/claims/<int:receivable_id>", claims.page, name="mall_claim"),
    path(
        "mall/claims/<int:receivable_id>/files/<int:message_id>", claims.file, name="mall_notice"
    ),
    path("staff/malls", desk.listed, name="mall_desk"),
    path("staff/malls/new", desk.new, name="mall_new"),
    path("staff/malls/<int:mall_id>", desk.page, name="mall_run"),
    path("staff/malls/<int:mall_id>/rate", desk.rate, name="mall_rate"),
    path("staff/malls/<int:mall_id>/terms", desk.terms, name="mall_terms"),
    path("staff/malls/<int:mall_id>/financiers", merchants.financiers, name="mall_financiers"),
    path("staff/malls/<int:mall_id>/merchants", merchants.admit, name="mall_admit"),
    path(
        "staff/malls/<int:mall_id>/merchants/<int:merchant_id>", merchants.page,
        name="mall_merchant",
    ),
    path(
        "staff/malls/<int:mall_id>/merchants/<int:merchant_id>/contract", merchants.renew,
        name="mall_renew",
    ),
    path("staff/malls/<int:mall_id>/statements", clearing.statements, name="mall_draw"),
    path("staff/malls/<int:mall_id>/lines/<int:line_id>", clearing.answer, name="mall_answer"),
    path("staff/malls/<int:mall_id>/returns/<int:line_id>", clearing.again, name="mall_again"),
    path("staff/malls/<int:mall_id>/debts/<int:debt_id>", clearing.repaid, name="mall_repaid"),
    path("staff/malls/<int:mall_id>/batches", clearing.run, name="mall_run_batch"),
    path("staff/malls/<int:mall_id>/batches/<int:batch_id>", clearing.batch, name="mall_batch"),
    path("staff/malls/<int:mall_id>/receipt", clearing.receipt, name="mall_receipt"),
    path("staff/malls/<int:mall_id>/files/<int:message_id>", clearing.file, name="mall_file"),
]  # fmt: skip
