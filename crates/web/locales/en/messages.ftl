messages-title = Messages
messages-unread = unread
messages-new = new
messages-none = Nothing has happened yet. Homework, what teachers say of it, and what the school has to tell come here.
messages-read-all = Mark all as read
messages-settings = What I want to be told
messages-settings-lead = Choose for each kind of message whether, and how, it reaches you. What you have to know of the service comes always, and never advertises.
messages-saved = Saved.
messages-save = Save
messages-refused = Your mailbox refuses our mail; nothing is sent there until you save this page again. Since
messages-ask-first = You have not agreed to these:
messages-quiet = Quiet hours
messages-quiet-what = Mail waits until they are over. What has come together during a day is one mail in the evening; service messages do not wait.
messages-quiet-from = from
messages-quiet-until = until
messages-hours-error = Write both times as hours and minutes, as 21:00.
message-class-service = Service
message-class-learning = Lessons
message-class-news = News of the school
message-class-marketing = Offers
message-class-what-service = Maintenance, answers to your requests, changes that concern you. Cannot be switched off.
message-class-what-learning = Homework that was given or is due, and what the teacher says of it.
message-class-what-news = What goes on at the campus.
message-class-what-marketing = Products and services of the school.
message-channel-inbox = on this page
message-channel-mail = by e-mail
message-assigned = New homework: { $what }
message-due = Due soon and not done yet: { $what }
message-reviewed = The teacher has listened: { $what }
message-answered = A request of yours has been answered.{ $what }
message-announced = { $what }
mail-news-subject = { $count ->
    [one] 1 new message
   *[other] { $count } new messages
}
mail-news-assigned = { $count ->
    [one] New homework was given.
   *[other] { $count } pieces of new homework were given.
}
mail-news-due = { $count ->
    [one] Homework is due soon and not done yet.
   *[other] { $count } pieces of homework are due soon and not done yet.
}
mail-news-reviewed = { $count ->
    [one] The teacher has listened to homework.
   *[other] The teacher has listened to { $count } pieces of homework.
}
mail-news-answered = { $count ->
    [one] Your request has been answered.
   *[other] { $count } of your requests have been answered.
}
mail-news-where = Read it here: { $link }
mail-news-stop = You receive this because you have chosen e-mail for “{ $class }”. To stop: { $link }
mail-news-service = This is a message about the service, which everyone receives.
calendar-title = Calendar
calendar-what = A link by which the calendar of your phone or computer shows when homework is due. Whoever has it can read titles and times, no names.
calendar-made = This is the link; it is shown this once. Add it to your calendar as a subscription.
calendar-link = Link for your calendar
calendar-since = There is a link since
calendar-make = Make a link
calendar-renew = Make a new link; the old one ends
calendar-remove = Take the link away
calendar-name = jiayin homework
calendar-event = Homework due: { $title }
unsubscribe-title = Stop e-mails
unsubscribe-ask = Stop e-mails of the kind “{ $class }”? What happens is still found on the page of messages.
unsubscribe-stop = Stop them
unsubscribe-done = No more e-mails of the kind “{ $class }” are sent to you.
nav-announcements = Announcements
announcement-new = Say something to many
announcement-audience = To whom
announcement-class = What it is
announcement-title = Title
announcement-body = Text
announcement-send = Send
announcement-sent = It is on its way. Who has read it is counted below.
announcement-said = What you have said
announcement-reach = reached { $told }, read by { $read }
announcement-withdraw = Take back
announcement-withdrawn = taken back
announcement-nobody = There is no class yet to which you could say something.
announcement-undelivered = E-mails that could not be sent after all tries: { $count }. Ask who runs the server to look at the mail provider.
announcement-error-title = The title must have 1 to { $max } characters.
announcement-error-body = The text must have 1 to { $max } characters.
announcement-error-audience = Choose to whom it goes and what it is.
announcement-error-promotion = A service message reaches everyone and cannot be switched off, so it must not advertise: “{ $word }”. Leave that out, or send it as news.
