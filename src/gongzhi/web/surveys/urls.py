"""Addresses: questionnaires: building, answering, paper sheets, results."""

from django.urls import URLPattern, URLResolver, path

from gongzhi.web.surveys import answering, building, desk, paper

urlpatterns: list[URLPattern | URLResolver] = [
    path("surveys", answering.listed, name="surveys"),
    path("surveys/<int:round_id>", answering.on_the_roll, name="survey"),
    path("surveys/<int:round_id>/result", answering.result, name="survey_result"),
    path("s", answering.find, name="survey_find"),
    path("s/<str:code>", answering.with_sheet, name="survey_sheet"),
    path("staff/surveys", desk.listed, name="survey_desk"),
    path("staff/surveys/new", building.new, name="survey_new"),
    path("staff/surveys/<int:instrument_id>", building.build, name="survey_build"),
    path("staff/surveys/<int:instrument_id>/preview", building.preview, name="survey_preview"),
    path("staff/surveys/<int:instrument_id>/rounds", building.open_it, name="survey_open"),
    path("staff/surveys/rounds/<int:round_id>", desk.round_page, name="survey_round"),
    path("staff/surveys/rounds/<int:round_id>/end", desk.end, name="survey_end"),
    path("staff/surveys/rounds/<int:round_id>/table", desk.table, name="survey_table"),
    path("staff/surveys/rounds/<int:round_id>/words", desk.words, name="survey_words"),
    path("staff/surveys/rounds/<int:round_id>/sheets", paper.sheets, name="survey_sheets"),
    path("staff/surveys/rounds/<int:round_id>/print", paper.printed, name="survey_print"),
    path("staff/surveys/rounds/<int:round_id>/print.pdf", paper.print_pdf, name="survey_print_pdf"),
    path("staff/surveys/rounds/<int:round_id>/entry", paper.entry, name="survey_entry"),
]
