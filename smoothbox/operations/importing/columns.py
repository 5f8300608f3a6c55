"""Which columns an import knows, and what other programs call them: declared data, read by the code and by the help."""

from typing import Final

from msgspec import Struct


class Column(Struct, frozen=True):
    """A column by its own name, what it is for, and by which other names it is known.

    Where several columns of a file mean this one, the first that is filled in counts; or all do, put together by `joined`.
    """

    name: str
    help: str
    aliases: tuple[str, ...] = ()
    joined: str = ""


CUSTOMERS: Final = (
    Column(
        "external_id",
        "The id that the other program has for the customer. A row whose id is known changes that customer.",
        ("ID", "Customer ID", "Client ID", "Customer Number", "Reference", "Reference ID", "Kundennummer"),
    ),
    Column(
        "first_name",
        "First name.",
        ("First", "Given Name", "Forename", "Customer First Name", "Client First Name", "Vorname", "Prénom", "Nombre"),
    ),
    Column(
        "last_name",
        "Last name.",
        (
            *("Last", "Surname", "Family Name", "Customer Last Name", "Client Last Name"),
            *("Nachname", "Familienname", "Nom", "Nom de famille", "Apellido", "Apellidos"),
        ),
    ),
    Column(
        "name",
        "The whole name, where it is one column: 'Ava Martinez' or 'Martinez, Ava'.",
        ("Full Name", "Customer Name", "Client Name", "Display Name", "Customer", "Client", "Kunde"),
    ),
    Column(
        "email",
        "E-mail address. A row whose address is known changes that customer. E-mail or phone is required.",
        (
            *("E-mail", "E-mail Address", "Email Address", "Mail", "Email 1", "Customer Email", "Client Email"),
            *("E-Mail-Adresse", "Correo", "Courriel"),
        ),
    ),
    Column(
        "phone",
        "Phone number.",
        (
            *("Mobile", "Mobile Phone", "Mobile Number", "Cell", "Cell Phone", "Phone Number", "Telephone", "Tel", "Phone 1"),
            *("Contact Number", "Customer Phone", "Client Phone", "Handy", "Mobil", "Mobiltelefon", "Telefon"),
            *("Telefonnummer", "Téléphone", "Teléfono"),
        ),
    ),
    Column("address", "Postal address.", ("Street Address", "Full Address", "Anschrift", "Adresse", "Dirección")),
    Column(
        "notes",
        "Notes about the customer.",
        ("Note", "Comment", "Comments", "Remarks", "Memo", "Notizen", "Bemerkung", "Bemerkungen", "Anmerkungen"),
        "\n",
    ),
    Column("tags", "Tags with commas or semicolons between them, or a JSON list.", ("Tag", "Labels", "Groups"), ","),
    Column("status", "ACTIVE or BLOCKED; ACTIVE where it is empty.", ("Customer Status", "Client Status")),
    Column("metadata", "A JSON object of facts of your own."),
)

BOOKINGS: Final = (
    Column(
        "external_id",
        "The id that the other program has for the booking. One whose id is known is not taken in again.",
        (
            *("ID", "Booking ID", "Appointment ID", "Reservation ID", "Event ID", "UID", "Reference", "Booking Number"),
            *("Confirmation Number", "Buchungsnummer"),
        ),
    ),
    Column(
        "start_time",
        "When it starts: with its UTC offset, or by the clocks of the business; a time of day beside a column 'date'.",
        (
            *("Start", "Starts", "Starts At", "Start At", "Start Date Time", "Appointment Start"),
            *("Begin", "Time", "Appointment Time", "Beginn", "Startzeit", "Uhrzeit"),
        ),
    ),
    Column("date", "The day on which it starts.", ("Start Date", "Appointment Date", "Booking Date", "Day", "Datum", "Tag")),
    Column(
        "end_time",
        "When it ends, in the same manner.",
        ("End", "Ends", "Ends At", "End At", "Finish", "End Date Time", "Ende", "Endzeit"),
    ),
    Column(
        "duration",
        "How long it takes: 45, 0:45, 45 min or 1 h 30 min. Without it and an end, as long as the service takes.",
        ("Length", "Minutes", "Duration (min)", "Duration (minutes)", "Duration in Minutes", "Dauer"),
    ),
    Column(
        "service",
        "The service by its name, or by its id.",
        (
            *("Service Name", "Appointment Type", "Event Type", "Treatment", "Type", "Item"),
            *("Leistung", "Dienstleistung", "Behandlung", "Prestation", "Servicio"),
        ),
    ),
    Column(
        "resource",
        "Who or what it takes, by name or id, several with semicolons. Without it, somebody who is free then.",
        (
            *("Resource Name", "Resources", "Staff", "Staff Member", "Staff Name", "Provider", "Employee", "Practitioner"),
            *("Team Member", "Therapist", "Stylist", "Calendar", "Room", "With", "Mitarbeiter", "Raum"),
        ),
        ";",
    ),
    Column(
        "status",
        "SCHEDULED, CONFIRMED, COMPLETED, CANCELLED, NO_SHOW or PENDING, or another program's word for it. Without it,"
        " what is over is COMPLETED and the rest SCHEDULED. PENDING with a time is SCHEDULED.",
        ("Booking Status", "Appointment Status", "State", "Zustand"),
    ),
    Column(
        "price",
        "The agreed price in whole units and decimals, such as 25.00. Without it, what the service costs.",
        ("Amount", "Cost", "Total", "Preis", "Betrag", "Prix", "Precio"),
    ),
    Column(
        "party_size", "How many people come; one where it is empty.", ("Guests", "Seats", "People", "Personen", "Attendees")
    ),
    Column("customer_name", "The customer's whole name.", ("Customer", "Client", "Name", "Full Name", "Client Name", "Kunde")),
    Column(
        "customer_first_name",
        "The customer's first name.",
        ("First Name", "First", "Given Name", "Client First Name", "Vorname"),
    ),
    Column(
        "customer_last_name",
        "The customer's last name.",
        ("Last Name", "Last", "Surname", "Family Name", "Client Last Name", "Nachname"),
    ),
    Column(
        "customer_email",
        "The customer's e-mail address. Who is not known is added, and needs an e-mail address or a phone number.",
        ("Email", "E-mail", "Email Address", "E-mail Address", "Client Email", "Invitee Email", "E-Mail-Adresse"),
    ),
    Column(
        "customer_phone",
        "The customer's phone number.",
        (
            *("Phone", "Phone Number", "Mobile", "Mobile Phone", "Cell Phone", "Client Phone"),
            *("Telefon", "Telefonnummer", "Handy", "Mobil"),
        ),
    ),
    Column(
        "customer_external_id",
        "The id that the other program has for the customer.",
        ("Customer ID", "Client ID", "Customer Number", "Kundennummer"),
    ),
    Column(
        "notes", "What the customer wrote.", ("Note", "Comment", "Comments", "Customer Notes", "Notizen", "Bemerkung"), "\n"
    ),
    Column(
        "internal_notes",
        "What only the business reads.",
        ("Staff Notes", "Private Notes", "Appointment Notes", "Interne Notizen"),
        "\n",
    ),
    Column("cancellation_reason", "Why it was cancelled.", ("Cancel Reason", "Stornogrund")),
    Column("buffer_before", "Minutes kept free before it; without it, as the service says. 0 where there is no room for it."),
    Column("buffer_after", "Minutes kept free after it, likewise."),
    Column("metadata", "A JSON object of facts of your own."),
)
