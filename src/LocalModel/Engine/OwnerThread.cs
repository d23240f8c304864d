using System.Collections.Concurrent;

namespace AgentKit.Models.Engine;

/// <summary>The one thread that makes native calls, and the work that others post to it.</summary>
internal sealed class OwnerThread
{
    private readonly BlockingCollection<Action> _posted = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Exception? _fault;
    private bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="loop">What it does; returns when <see cref="TakePosted"/> says that it shall stop.</param>
    /// <param name="close">What it does at its end, with what made it fail, if anything did.</param>
    public void Start(Action loop, Action<Exception?> close) =>
        new Thread(() => Run(loop, close)) { Name = "AgentKit engine", IsBackground = true }.Start();

    /// <summary>Runs work between two steps.</summary>
    /// <exception cref="ObjectDisposedException">The thread has been stopped.</exception>
    /// <exception cref="NativeRuntimeException">The thread has failed.</exception>
    public void Post(Action work)
    {
        if (!TryPost(work))
        {
            throw _fault is null
                ? new ObjectDisposedException("The model has been disposed.", innerException: null)
                : new NativeRuntimeException($"The engine has stopped: {_fault.Message}", _fault);
        }
    }

    /// <summary>Runs work between two steps and returns what it gives.</summary>
    /// <inheritdoc cref="Post" path="/exception"/>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Runs what has been posted. <c>false</c>: the thread shall stop.</summary>
    /// <param name="wait">Whether to wait for work when there is none.</param>
    public bool TakePosted(Func<bool> wait)
    {
        while (!_stopping && _posted.TryTake(out Action? work, wait() ? Timeout.Infinite : 0))
        {
            work();
        }

        return !_stopping;
    }

    /// <summary>Stops the thread and waits for its end.</summary>
    public Task StopAsync()
    {
        TryPost(() => _stopping = true);
        return _stopped.Task;
    }

    private void Run(Action loop, Action<Exception?> close)
    {
        try
        {
            loop();
        }
        catch (Exception e)
        {
            _fault = e;
        }

        _posted.CompleteAdding();
        foreach (Action work in _posted)
        {
            work();
        }

        close(_fault);
        _stopped.SetResult();
    }

    private bool TryPost(Action work)
    {
        try
        {
            _posted.Add(work);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
