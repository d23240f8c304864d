namespace AgentKit.Kernel.Actors;

/// <summary>
/// Bounded first-in-first-out queue with senders waiting at its end. Not thread-safe: the mailbox guards it. An empty queue owns no memory,
/// because most of a million actors are idle.
/// </summary>
internal struct MailboxQueue(int capacity)
{
    private const int FirstSize = 4;
    private const int LargestKept = 16;

    private object? _only;
    private object?[]? _ring;
    private LinkedList<WaitingSender>? _waiting;
    private int _head;

    /// <summary>Messages queued, without those whose senders wait.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a message in, if there is room.</summary>
    public bool TryEnqueue(object message)
    {
        if (Count == capacity) return false;
        if (_ring is null && Count == 0)
        {
            // Most mailboxes never hold two messages at once; they need no ring.
            (_only, Count) = (message, 1);
            return true;
        }

        if (_ring is null || Count == _ring.Length) Grow();
        int tail = _head + Count;
        if (tail >= _ring!.Length) tail -= _ring.Length;
        _ring[tail] = message;
        Count++;
        return true;
    }

    /// <summary>
    /// Takes out the oldest message and lets the sender that has waited longest in. Senders wait only while the queue is full.
    /// </summary>
    public object? Dequeue()
    {
        if (Count == 0) return null;
        object? message = TakeOldest();
        if (_waiting?.First is { } first)
        {
            _waiting.RemoveFirst();
            TryEnqueue(first.Value.Message);
            first.Value.Admitted.TrySetResult();
        }

        return message;
    }

    /// <summary>Queues a sender behind those that already wait.</summary>
    public LinkedListNode<WaitingSender> Wait(object message) => (_waiting ??= new()).AddLast(new WaitingSender(message));

    /// <summary>Takes a sender out again that has stopped waiting.</summary>
    /// <returns>Whether it still waited; <c>false</c> when its message has been let in.</returns>
    public readonly bool Withdraw(LinkedListNode<WaitingSender> sender)
    {
        if (sender.List is null) return false;
        sender.List.Remove(sender);
        return true;
    }

    /// <summary>Gives back the memory of a burst, once the queue is empty.</summary>
    public void Trim()
    {
        _waiting = null;
        if (_ring?.Length > LargestKept) (_ring, _head) = (null, 0);
    }

    private object? TakeOldest()
    {
        Count--;
        object? message;
        if (_ring is null)
        {
            (message, _only) = (_only, null);
            return message;
        }

        (message, _ring[_head]) = (_ring[_head], null);
        if (++_head == _ring.Length) _head = 0;
        return message;
    }

    private void Grow()
    {
        var larger = new object?[Math.Min(capacity, Math.Max(FirstSize, Count * 2))];
        for (int i = 0; i < Count; i++) larger[i] = _ring is null ? _only : _ring[(_head + i) % _ring.Length];
        (_ring, _head, _only) = (larger, 0, null);
    }
}
