error-home = 回到首页
error-retry-hint = 您的录音还在，不用重新录。没有脚本的浏览器里，请按“后退”再发送一次。
error-not-found = 没有这一页
error-not-found-text = 地址也许写错了，或者这一页已经搬走了。
error-method = 不能这样打开
error-method-text = 请从首页重新开始。
error-bad-request = 没看懂发来的内容
error-bad-request-text = 请回到页面上，重新发送一次。
error-cross-site = 请求来自别的网站
error-cross-site-text = 为了安全，我们只接受从本站页面发出的内容。请从首页重新开始。
error-too-large = 文件太大了
error-too-large-text = 最多可以发送 { $limit } MB。请录短一点，或者换一个文件。
error-unsupported-type = 收到的不是录音
error-unsupported-type-text = 请用页面上的按钮录音，或者选一个录音文件。
error-timeout = 上传太慢了
error-timeout-text = 网络也许不稳定。请靠近路由器，再试一次。
error-busy = 现在人有点多
error-busy-text = 大家都在读！请等 { $seconds } 秒再试。
error-internal = 我们这边出错了
error-internal-text = 不是您的问题。请过一会儿再试。

error-sign-in-first = 请先登录
error-sign-in-first-text = 登录后再继续。正在上传的录音会安全地留在这个浏览器里，登录后自动发送。

error-gone = 这项作业已被老师收回
error-gone-text = 这里不再接收新的录音。已经录好的声音仍保留在你的浏览器里，可以保存成文件。

error-conflict = 内容对不上
error-conflict-text = 这个页面可能已经过期，或者在另一个窗口里改过。请刷新页面再试一次。

error-mismatch = 录音没有完整送达
error-mismatch-text = 收到的内容和发送的不一致，已全部丢弃。请再发送一次，录音不会丢失。

error-full = 服务器存满了
error-full-text = 现在存不下新的内容。请稍后再试，或告诉学校的管理员；还没发送的录音会留在你的浏览器里。

error-lost = 文件找不到了
error-lost-text = 这段声音本应保存在这里，现在却找不到。我们已经记录下来，请告诉老师或学校的管理员。
error-restricted = 已限制处理
error-restricted-text = 按本人或监护人的要求，这里的个人信息暂停使用。在“个人信息”页面可以解除限制。
error-held = 依法保存中
error-held-text = 法律或主管机关要求暂时保存这些信息，现在不能删除。“个人信息”页面写有截止时间。
