// Package routers puts a callback handler behind the routers of chi and of gin.
package routers

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
)

// Chi takes the handler as it is.
func Chi(callbacks http.Handler) http.Handler {
	router := chi.NewRouter()
	router.Method(http.MethodPost, "/callback", callbacks)
	return router
}

// Gin takes it wrapped.
func Gin(callbacks http.Handler) http.Handler {
	router := gin.New()
	router.POST("/callback", gin.WrapH(callbacks))
	return router
}
