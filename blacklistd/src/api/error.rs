//! Errors of the API: a status and a sentence.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use blacklist_wire::ErrorObject;
use serde::de::DeserializeOwned;

use crate::daemon::{ChangeError, CheckError, MirrorError, ScreenError};
use blacklist_kernel::KernelError;
use blacklist_model::Refusal;
use blacklist_store::journal::LogError;
use blacklist_store::rules::StoreError;

/// An answer that is an error.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    sentence: String,
}

impl ApiError {
    pub(super) fn bad_request(sentence: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            sentence,
        }
    }

    pub(super) fn not_found(sentence: String) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            sentence,
        }
    }

    pub(super) fn conflict(sentence: String) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            sentence,
        }
    }

    pub(super) fn internal(sentence: String) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            sentence,
        }
    }

    /// The same, which says what it is about.
    pub(super) fn about(self, what: &str) -> Self {
        Self {
            sentence: format!("{what}: {}", self.sentence),
            ..self
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorObject {
            error: self.sentence,
        };
        (self.status, Json(body)).into_response()
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
            Refusal::NotFound(_) | Refusal::Unknown(_) => StatusCode::NOT_FOUND,
        };
        Self {
            status,
            sentence: refusal.to_string(),
        }
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => refusal.into(),
            ChangeError::Input(sentence) => Self::bad_request(sentence),
            ChangeError::Findings(_) | ChangeError::Warnings(_) => Self {
                status: StatusCode::CONFLICT,
                sentence: error.to_string(),
            },
            ChangeError::Store(_) | ChangeError::Kernel(_) => Self::internal(error.to_string()),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<KernelError> for ApiError {
    fn from(error: KernelError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<CheckError> for ApiError {
    fn from(error: CheckError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<ScreenError> for ApiError {
    fn from(error: ScreenError) -> Self {
        let status = match error {
            ScreenError::Question(_) => StatusCode::BAD_REQUEST,
            ScreenError::Overload => StatusCode::TOO_MANY_REQUESTS,
        };
        Self {
            status,
            sentence: error.to_string(),
        }
    }
}

impl From<MirrorError> for ApiError {
    fn from(error: MirrorError) -> Self {
        match error {
            MirrorError::Refused(refusal) => refusal.into(),
            MirrorError::Output(_) => Self::internal(error.to_string()),
        }
    }
}

impl From<tokio::task::JoinError> for ApiError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(format!("the request was not finished: {error}"))
    }
}

/// The object of a request's body.
pub(super) struct Object<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Object<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(IntoResponse::into_response)?;
        object(&body).map(Self).map_err(IntoResponse::into_response)
    }
}

/// A body as an object.
pub(super) fn object<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        ApiError::bad_request(format!("the request's body is not as expected: {error}"))
    })
}

pub(super) async fn no_such_resource() -> ApiError {
    ApiError {
        status: StatusCode::NOT_FOUND,
        sentence:
            "there is no such resource; blacklistd and its command line must have the same version"
                .to_owned(),
    }
}

pub(super) async fn no_such_method() -> ApiError {
    ApiError {
        status: StatusCode::METHOD_NOT_ALLOWED,
        sentence: "this resource does not do that".to_owned(),
    }
}
