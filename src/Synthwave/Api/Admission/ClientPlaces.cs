using System.Runtime.InteropServices;
using Synthwave.Chat;

namespace Synthwave.Api.Admission;

/// <summary>The places that clients hold among the requests in work. Thread-safe.</summary>
internal sealed class ClientPlaces
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ClientIdentity, int> _held = [];

    /// <summary>Takes a place for <paramref name="client"/>, unless it holds <paramref name="most"/> already.</summary>
    public bool TryEnter(in ClientIdentity client, int most)
    {
        lock (_gate)
        {
            ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, client, out _);
            if (held >= most)
            {
                return false;
            }

            held++;
            return true;
        }
    }

    /// <summary>Gives a place back that was taken.</summary>
    public void Leave(in ClientIdentity client)
    {
        lock (_gate)
        {
            ref var held = ref CollectionsMarshal.GetValueRefOrNullRef(_held, client);
            if (--held == 0)
            {
                _held.Remove(client);
            }
        }
    }
}
