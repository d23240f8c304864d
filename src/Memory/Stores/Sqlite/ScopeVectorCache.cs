namespace AgentKit.Memory.Stores.Sqlite;

/// <summary>The vectors of scopes that were searched, as many as fit: those that were searched longest ago go first.</summary>
/// <param name="mostBytes">Memory for all of them; the scope that was searched last stays, however large it is.</param>
internal sealed class ScopeVectorCache(long mostBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, LinkedListNode<(long Scope, ScopeVectors Vectors)>> _places = [];
    private readonly LinkedList<(long Scope, ScopeVectors Vectors)> _byUse = [];

    /// <summary>The vectors of a scope, which a search is going to read.</summary>
    public ScopeVectors Of(long scope)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(scope, out LinkedListNode<(long Scope, ScopeVectors Vectors)>? place))
                _places.Add(scope, place = new((scope, new ScopeVectors(scope))));
            else
                _byUse.Remove(place);
            _byUse.AddLast(place);
            return place.Value.Vectors;
        }
    }

    /// <summary>Lets go of what has no room. A search that still reads it keeps it until it is done.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            long bytes = _byUse.Sum(one => one.Vectors.Bytes);
            while (bytes > mostBytes && _byUse.Count > 1)
            {
                (long scope, ScopeVectors vectors) = _byUse.First!.Value;
                bytes -= vectors.Bytes;
                _places.Remove(scope);
                _byUse.RemoveFirst();
            }
        }
    }

    /// <summary>Forgets a scope that is not there any more.</summary>
    public void Remove(long scope)
    {
        lock (_gate)
        {
            if (_places.Remove(scope, out LinkedListNode<(long Scope, ScopeVectors Vectors)>? place)) _byUse.Remove(place);
        }
    }
}
